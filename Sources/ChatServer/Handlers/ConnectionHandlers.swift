import Domain
import EngineIO
import Foundation
import Logging
import NIOHTTP1
import SocketIO
import Views

/// Lets people in: who they are, which rooms their socket hears, and what they are told first.
struct ConnectionHandlers: Sendable {
    let chat: Chat
    let sequencer: RoomSequencer
    let presence: Presence
    let live: LiveSockets
    let proxies: TrustedProxies
    let instance: String
    let adapter: String
    let logger: Logger

    func register(on namespace: Namespace) {
        namespace.use { socket in try await authenticate(socket) }
        namespace.onConnection { (socket: Socket) async in await welcome(socket) }
        namespace.onDisconnect { socket, _ in
            live.remove(socket)
            if let identity = socket[IdentityKey.self] { presence.left(identity.user.id, on: socket) }
        }
    }

    /// Takes the token that the client sent for this purpose, else the browser's cookie.
    private func authenticate(_ socket: Socket) async throws {
        struct Credentials: Decodable {
            var token: String?
        }
        do {
            let token = try? socket.handshake.decodeAuth(Credentials.self).token
            let request = socket.handshake.request
            guard let secret = token ?? BrowserCookie.session.value(in: request.headers["cookie"]) else {
                throw ChatError.unauthenticated
            }
            let address = proxies.origin(peer: request.remoteAddress, headers: request.headers).address
            let identity = try await chat.authenticate(secret: secret, address: address)
            guard !live.isFull(for: identity.user.id) else {
                throw ChatError.rateLimited(retryAfter: Self.fullRetryAfter)
            }
            socket[IdentityKey.self] = identity
        } catch {
            let view = ErrorView(error, logger: logger)
            throw try ConnectError(view.message, data: view)
        }
    }

    /// When a client that has too many sockets may try again; others may have closed by then.
    private static let fullRetryAfter = Duration.seconds(10)

    /// The socket hears its rooms before the client asks for their state, so nothing falls between the two.
    private func welcome(_ socket: Socket) async {
        guard let identity = socket[IdentityKey.self] else { return }
        // Some may have come since they were counted.
        guard live.add(socket, identity) else { return socket.connection.close() }
        do {
            socket.join([.user(identity.user.id), .session(identity.session)])
            try await hearRooms(socket, identity)
            // A session that ended since it was asked about was told to a room that the socket had not joined yet.
            let session = LiveSession(session: identity.session, role: identity.user.role, address: identity.address)
            if let end = try await chat.ended(of: [session])[session] { return socket.cut(end) }
            presence.set(.online, of: identity.user.id, on: socket)
            try socket.emit(
                "session:ready",
                ReadyView(identity, instance: instance, adapter: adapter, policy: chat.policy)
            )
        } catch {
            logger.warning("cannot welcome a client", metadata: ["error": "\(error)"])
            // A lost connection, not a disconnection: the client comes back by itself, when the database is back.
            socket.connection.close()
        }
    }

    /// A person may be removed from a room between the reading of their memberships and the socket's joining. The
    /// sequencer notices, and tells where the memberships have to be read again.
    private func hearRooms(_ socket: Socket, _ identity: Identity) async throws {
        for _ in 0..<Self.membershipReadsMax {
            let rooms = try await chat.rooms(by: .person(identity)).filter(\.joined)
            let unknown = rooms.filter { room in
                !sequencer.join(socket, room.id, of: identity.user.id, asOf: room.room.lastSeq)
            }
            if unknown.isEmpty { return }
        }
        throw ChatError.unavailable
    }

    /// How often memberships are read for one socket until nothing has changed meanwhile.
    private static let membershipReadsMax = 5
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
        /// Of one image; 0 where there are none.
        var attachment_bytes: Int
        var attachments: Int
    }

    init(_ identity: Identity, instance: String, adapter: String, policy: ChatPolicy) {
        me = UserView(identity.user)
        self.instance = instance
        self.adapter = adapter
        server_time = WireTime.format(Date())
        limits = Limits(
            message_bytes: Body.bytesMax,
            attachment_bytes: policy.attachmentBytesMax,
            attachments: Attachment.perMessageMax
        )
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
