import Domain
import EngineIO
import Foundation
import Logging
import NIOHTTP1
import SocketIO

/// Lets people in: who they are, which rooms their socket hears, and what they are told first.
struct ConnectionHandlers: Sendable {
    let chat: Chat
    let ledger: DeliveryLedger
    let instance: String
    let adapter: String
    let logger: Logger

    func register(on namespace: Namespace) {
        namespace.use { socket in try await authenticate(socket) }
        namespace.onConnection { (socket: Socket) async in await welcome(socket) }
    }

    /// Takes the token that the client sent for this purpose, else the browser's cookie.
    private func authenticate(_ socket: Socket) async throws {
        struct Credentials: Decodable {
            var token: String?
        }
        do {
            let token = try? socket.handshake.decodeAuth(Credentials.self).token
            guard let secret = token ?? SessionCookie.secret(in: socket.handshake.request.headers["cookie"]) else {
                throw ChatError.unauthenticated
            }
            socket[IdentityKey.self] = try await chat.authenticate(secret: secret)
        } catch {
            let view = ErrorView(error, logger: logger)
            throw try ConnectError(view.message, data: view)
        }
    }

    /// The socket hears its rooms before the client asks for their state, so nothing falls between the two.
    private func welcome(_ socket: Socket) async {
        guard let identity = socket[IdentityKey.self] else { return }
        do {
            let rooms = try await chat.rooms(by: .person(identity)).filter(\.joined)
            socket.join([.user(identity.user.id), .session(identity.session)] + rooms.map { .room($0.id) })
            for room in rooms { ledger.begin(room.id, at: room.room.lastSeq) }
            try socket.emit("session:ready", ReadyView(identity, instance: instance, adapter: adapter))
        } catch {
            logger.warning("cannot welcome a client", metadata: ["error": "\(error)"])
            // A lost connection, not a disconnection: the client comes back by itself, when the database is back.
            socket.connection.close()
        }
    }
}

private struct ReadyView: Encodable, Sendable {
    var v = 1
    var me: UserView
    var instance: String
    var adapter: String
    var server_time: String
    var limits: Limits

    struct Limits: Encodable, Sendable {
        var message_bytes: Int
    }

    init(_ identity: Identity, instance: String, adapter: String) {
        me = UserView(identity.user)
        self.instance = instance
        self.adapter = adapter
        server_time = WireDate.format(Date())
        limits = Limits(message_bytes: Body.bytesMax)
    }
}

extension SocketIO.Room {
    /// Everybody who hears a room of the chat.
    static func room(_ id: RoomID) -> SocketIO.Room { "r:\(id.description)" }

    /// Every socket of a person.
    static func user(_ id: UserID) -> SocketIO.Room { "u:\(id.description)" }

    /// Every socket of one log-in.
    static func session(_ id: SessionID) -> SocketIO.Room { "s:\(id.description)" }
}
