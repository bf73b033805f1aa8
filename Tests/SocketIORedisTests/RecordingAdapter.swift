import NIOCore
import SocketIO
import Synchronization

/// Stands for the local sockets of one server: writes down what it is asked to do, and answers as it was told.
final class RecordingAdapter: Adapter, ServerSideEventReceiver {
    struct State {
        var log: [String] = []
        var occupied: Set<Room> = []
        var sockets: [RemoteSocket] = []
        var clientCount = 0
        var acknowledgements: [Payload] = []
        var serverSideReply: Payload?
        var roomObserver: (@Sendable (Room, Bool) -> Void)?
    }

    let state: Mutex<State>

    init(
        occupied: Set<Room> = [],
        sockets: [RemoteSocket] = [],
        acknowledgements: [Payload] = [],
        serverSideReply: Payload? = nil
    ) {
        state = Mutex(
            State(
                occupied: occupied,
                sockets: sockets,
                clientCount: acknowledgements.count,
                acknowledgements: acknowledgements,
                serverSideReply: serverSideReply
            )
        )
    }

    var log: [String] { state.withLock { $0.log } }

    private func record(_ line: String) { state.withLock { $0.log.append(line) } }

    func broadcast(_ event: Payload, options: BroadcastOptions) {
        record("broadcast \(event.text) \(options.text)")
    }

    func broadcast(
        _ event: Payload,
        options: BroadcastOptions,
        clientCount: @escaping @Sendable (Int) -> Void,
        acknowledgement: @escaping @Sendable (Payload) -> Void
    ) {
        record("ask \(event.text) \(options.text)")
        clientCount(state.withLock { $0.clientCount })
        for answer in state.withLock({ $0.acknowledgements }) { acknowledgement(answer) }
    }

    func fetchSockets(_ options: BroadcastOptions) async -> FleetAnswer<[RemoteSocket]> {
        record("fetch \(options.text)")
        return FleetAnswer(state.withLock { $0.sockets })
    }

    func allRooms() async -> FleetAnswer<Set<Room>> { FleetAnswer(state.withLock { $0.occupied }) }

    func addSockets(_ options: BroadcastOptions, to rooms: [Room]) {
        record("join \(rooms.map(\.name)) \(options.text)")
    }

    func removeSockets(_ options: BroadcastOptions, from rooms: [Room]) {
        record("leave \(rooms.map(\.name)) \(options.text)")
    }

    func disconnectSockets(_ options: BroadcastOptions, closeTransport: Bool) {
        record("disconnect \(closeTransport) \(options.text)")
    }

    func serverSideEmit(_ event: Payload) {}

    func serverSideEmitWithAck(_ event: Payload) async -> FleetAnswer<[Payload]> { FleetAnswer([]) }

    func serverCount() async -> Int { 1 }

    func isOccupied(_ room: Room) -> Bool { state.withLock { $0.occupied.contains(room) } }

    func observeRooms(_ observer: @escaping @Sendable (Room, _ isOccupied: Bool) -> Void) {
        let occupied = state.withLock { state in
            state.roomObserver = observer
            return state.occupied
        }
        for room in occupied { observer(room, true) }
    }

    /// Has a socket come into the room, or the last one leave it.
    func occupy(_ room: Room, _ isOccupied: Bool) {
        let observer = state.withLock { state in
            if isOccupied { state.occupied.insert(room) } else { state.occupied.remove(room) }
            return state.roomObserver
        }
        observer?(room, isOccupied)
    }

    func close() async { record("close") }

    func receiveServerSideEvent(_ event: Payload, reply: (@Sendable (Payload) -> Void)?) {
        record("server-side \(event.text)\(reply == nil ? "" : " with reply")")
        if let answer = state.withLock({ $0.serverSideReply }), let reply {
            reply(answer)
            // A listener that answers twice has answered once.
            reply(answer)
        }
    }
}

extension Payload {
    static func json(_ text: String, _ attachments: [[UInt8]] = []) -> Payload {
        Payload(json: ByteBuffer(string: text), attachments: attachments.map { ByteBuffer(bytes: $0) })
    }

    /// The JSON, and the attachments in hexadecimal.
    var text: String { ([String(buffer: json)] + attachments.map(hex)).joined(separator: " ") }
}

extension BroadcastOptions {
    var text: String {
        var text = "to \(rooms.map(\.name)) except \(except.map(\.name))"
        if flags.volatile { text += " volatile" }
        if let compress = flags.compress { text += " compress=\(compress)" }
        if let timeout = flags.timeout { text += " timeout=\(timeout)" }
        return text
    }
}

extension RemoteSocket {
    static func named(_ id: String, rooms: [Room] = [], data: String = "{}") -> RemoteSocket {
        RemoteSocket(
            id: id,
            handshake: ByteBuffer(string: #"{"headers":{},"address":"::1"}"#),
            rooms: [Room(id)] + rooms,
            data: ByteBuffer(string: data)
        )
    }
}
