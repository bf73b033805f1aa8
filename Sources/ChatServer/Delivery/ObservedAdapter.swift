import Domain
import Foundation
import NIOCore
import SocketIO

/// Stands between the Redis adapter and the local one and notes which entries other instances brought.
struct ObservedAdapter: Adapter {
    let local: LocalAdapter
    let ledger: DeliveryLedger

    func broadcast(_ event: Payload, options: BroadcastOptions) {
        note(event)
        local.broadcast(event, options: options)
    }

    /// `["message:created",{…,"room":"…","changed_seq":…}]`
    private func note(_ event: Payload) {
        struct Position: Decodable {
            var room: RoomID
            var changed_seq: Int64
        }
        guard event.json.hasPrefix("[\"message:"), let text = EventText(event.json), let entry = text.argument(0),
            let position = try? JSONDecoder().decode(Position.self, from: Data(entry.readableBytesView))
        else { return }
        ledger.delivered(position.room, upTo: position.changed_seq)
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

    func serverSideEmit(_ event: Payload, reply: (@Sendable (Payload) -> Void)?) {
        local.serverSideEmit(event, reply: reply)
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
