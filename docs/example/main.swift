import EngineIO
import NIOPosix
import SocketIO

struct Greeting: Codable, Sendable {
    var name: String
}

enum UserName: SharedSocketDataKey {
    typealias Value = String
    static let name = "username"
}

let group = MultiThreadedEventLoopGroup.singleton
let mailboxes = LoopMailboxes(group)
let io = SocketServer(mailboxes: mailboxes, connectionStateRecovery: ConnectionStateRecovery())
let root = io.of("/")

root.use { socket in
    guard socket.handshake.request.query["token"] != "wrong" else { throw ConnectError("Unauthorized") }
}
root.onConnection { socket in socket.join("everybody") }
root.on("hello") { socket, event in
    guard let greeting = try? event.decode(Greeting.self) else { return }
    socket[UserName.self] = greeting.name
    try? event.acknowledgement?("Hello, \(greeting.name)!")
    try? socket.to("everybody").emit("joined", greeting)
}

let engine = EngineServer(configuration: EngineConfiguration(), mailboxes: mailboxes, opened: io.open)
let listener = try await HTTPListener.bind(
    host: "127.0.0.1",
    port: 3000,
    on: group,
    bodyRule: { _ in .init(bytesMax: engine.configuration.maxPayload) },
    handle: { if engine.owns($0.path) { engine.handle($0) } else { $0.respond(.notFound) } }
)
try await listener.closeFuture.get()
