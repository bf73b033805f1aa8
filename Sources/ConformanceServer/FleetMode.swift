import ArgumentParser
import EngineIO
import NIOCore
import NIOPosix
import Redis
import SocketIO
import SocketIORedis

/// A member of a fleet whose other members may be Node servers with `@socket.io/redis-adapter`.
struct FleetMode: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fleet",
        abstract: "A member of a fleet that speaks through Redis."
    )

    enum AdapterName: String, ExpressibleByArgument, CaseIterable {
        case classic, sharded, none
    }

    enum SubscriptionMode: String, ExpressibleByArgument, CaseIterable {
        case dynamic, `static`
        case dynamicPrivate = "dynamic-private"
    }

    @OptionGroup var listen: ListenOptions

    @Option(help: "The Redis that the members share: redis://host:port or unix:///path.")
    var redis = "redis://127.0.0.1:6379"

    @Option(help: "How the members speak to each other.")
    var adapter = AdapterName.classic

    @Option(help: "Which rooms have a channel of their own with the sharded adapter.")
    var subscriptionMode = SubscriptionMode.dynamic

    @Option(help: "Begins every channel.")
    var key = "socket.io"

    @Flag(help: "Publishes answers on the asking server's channel, with the classic adapter.")
    var publishOnSpecificResponseChannel = false

    func run() async throws {
        let group = MultiThreadedEventLoopGroup.singleton
        let mailboxes = LoopMailboxes(group)
        let io = SocketServer(mailboxes: mailboxes)
        let engine = EngineServer(configuration: EngineConfiguration(), mailboxes: mailboxes, opened: io.open)
        let namespace = io.of("/")
        FleetEvents.register(on: namespace)
        FleetQuestions.register(on: namespace)
        guard let form else { return try await listen.serve(engine, on: group) }
        try await RedisClient.withClient(
            configuration: RedisConfiguration(url: redis),
            eventLoopGroup: group
        ) { redis in
            let adapter = RedisAdapter(
                namespace: namespace.name,
                local: namespace.local,
                receiver: namespace,
                redis: redis,
                options: RedisAdapterOptions(
                    form: form,
                    key: key,
                    publishOnSpecificResponseChannel: publishOnSpecificResponseChannel
                )
            )
            namespace.setAdapter(adapter)
            try await adapter.waitUntilActive()
            try await listen.serve(engine, on: group)
        }
    }

    private var form: RedisAdapterOptions.Form? {
        switch (adapter, subscriptionMode) {
        case (.none, _): nil
        case (.classic, _): .classic
        case (.sharded, .dynamic): .sharded(.dynamic)
        case (.sharded, .dynamicPrivate): .sharded(.dynamicPrivate)
        case (.sharded, .static): .sharded(.static)
        }
    }
}

/// What a member does for its clients.
private enum FleetEvents {
    static func register(on namespace: Namespace) {
        namespace.on("message") { _, event in
            namespace.all.emit(event.payload)
            event.confirm()
        }
        namespace.on("join") { socket, event in
            if let room = event.room { socket.join(room) }
            event.confirm()
        }
        namespace.on("leave") { socket, event in
            if let room = event.room { socket.leave(room) }
            event.confirm()
        }
        namespace.on("room message") { _, event in
            struct Address: Decodable { var room: RoomName }
            if let address = try? event.decode(Address.self) { namespace.to(address.room.room).emit(event.payload) }
            event.confirm()
        }
        namespace.on("echo") { _, event in event.acknowledgement?.send(event.arguments) }
    }
}

/// A room as a client names it: JavaScript takes numbers too.
struct RoomName: Decodable {
    let room: Room

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let number = try? container.decode(Int.self) {
            room = Room(String(number))
        } else {
            room = Room(try container.decode(String.self))
        }
    }
}

extension Event {
    var room: Room? { try? decode(RoomName.self).room }

    func confirm() { acknowledgement?.send(Payload(json: ByteBuffer(string: #"["ok"]"#))) }
}
