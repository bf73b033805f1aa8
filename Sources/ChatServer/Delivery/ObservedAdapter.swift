import Domain
import Foundation
import NIOCore
import SocketIO

/// Stands between the Redis adapter and the local one and puts the entries of the rooms' logs, this instance's own and
/// those that others bring, into their order.
struct ObservedAdapter: Adapter {
    let local: LocalAdapter
    let sequencer: RoomSequencer

    func broadcast(_ event: Payload, options: BroadcastOptions) {
        if event.json.hasPrefix("[\"message:") || event.json.hasPrefix("[\"reaction:updated\""),
            let entry: EntryPosition = argument(of: event)
        {
            return sequencer.pass(event, options, at: entry)
        }
        if event.json.hasPrefix("[\"room:joined\""), let joined: Joined = argument(of: event) {
            // From just before the entry that tells of it, so that the entry itself is heard.
            sequencer.join(joined.user, joined.room, asOf: joined.seq - 1)
        }
        local.broadcast(event, options: options)
    }

    private struct Joined: Decodable {
        var room: RoomID
        var user: UserID
        var seq: Int64
    }

    /// `["name",{…}]`
    private func argument<Value: Decodable>(of event: Payload) -> Value? {
        guard let text = EventText(event.json)?.argument(0) else { return nil }
        return try? JSONDecoder().decode(Value.self, from: Data(text.readableBytesView))
    }

    func broadcast(
        _ event: Payload,
        options: BroadcastOptions,
        clientCount: @escaping @Sendable (Int) -> Void,
        acknowledgement: @escaping @Sendable (Payload) -> Void
    ) {
        local.broadcast(event, options: options, clientCount: clientCount, acknowledgement: acknowledgement)
    }

    func fetchSockets(_ options: BroadcastOptions) async -> FleetAnswer<[RemoteSocket]> {
        await local.fetchSockets(options)
    }

    func allRooms() async -> FleetAnswer<Set<SocketIO.Room>> { await local.allRooms() }

    func addSockets(_ options: BroadcastOptions, to rooms: [SocketIO.Room]) { local.addSockets(options, to: rooms) }

    func removeSockets(_ options: BroadcastOptions, from rooms: [SocketIO.Room]) {
        local.removeSockets(options, from: rooms)
    }

    func disconnectSockets(_ options: BroadcastOptions, closeTransport: Bool) {
        local.disconnectSockets(options, closeTransport: closeTransport)
    }

    func serverSideEmit(_ event: Payload) { local.serverSideEmit(event) }

    func serverSideEmitWithAck(_ event: Payload) async -> FleetAnswer<[Payload]> {
        await local.serverSideEmitWithAck(event)
    }

    func serverCount() async -> Int { await local.serverCount() }

    func isOccupied(_ room: SocketIO.Room) -> Bool { local.isOccupied(room) }

    func observeRooms(_ observer: @escaping @Sendable (SocketIO.Room, _ isOccupied: Bool) -> Void) {
        local.observeRooms(observer)
    }

    func close() async { await local.close() }
}

extension ByteBuffer {
    fileprivate func hasPrefix(_ text: StaticString) -> Bool {
        guard let start = getSlice(at: readerIndex, length: text.utf8CodeUnitCount) else { return false }
        return start.readableBytesView.elementsEqual(
            UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
        )
    }
}
