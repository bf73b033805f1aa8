import Domain
import Foundation
import Fleet
import NIOCore
import Storage

/// Accounts and rooms for a check or a measurement, taken away when it is over.
struct Guests: Sendable {
    struct Guest: Sendable {
        let identity: Identity
        /// Logs in a socket.
        let token: String

        /// What goes with CONNECT.
        var auth: ByteBuffer { ByteBuffer(string: JSONText.encode(["token": token])) }
    }

    let people: [Guest]
    let rooms: [Room]

    /// Makes them: everybody is in every room. The names begin with `prefix` and are new.
    static func make(_ count: Int, rooms roomCount: Int, prefix: String, in chat: Chat, progress: ProgressBar)
        async throws
        -> Guests
    {
        let run = String(UInt32.random(in: 0...UInt32.max), radix: 36)
        var rooms: [Room] = []
        for number in 1...max(1, roomCount) {
            rooms.append(try await chat.createRoom(name: "\(prefix)-\(run)-\(number)", by: Servers.actor).summary.room)
        }
        var people: [Guest] = []
        for number in 1...max(1, count) {
            progress.show(number - 1, of: count, detail: "making accounts")
            let name = "\(prefix)-\(run)-\(number)"
            let password = PasswordOptions.generated()
            let user = try await chat.addUser(name: name, password: password, by: Servers.actor)
            let signedIn = try await chat.logIn(
                name: name,
                password: password,
                client: ClientInfo(address: nil, userAgent: "chatctl")
            )
            let identity = Identity(user: user, session: signedIn.session)
            for room in rooms { _ = try await chat.join(room.id, by: identity) }
            people.append(Guest(identity: identity, token: signedIn.secret))
        }
        progress.end()
        return Guests(people: people, rooms: rooms)
    }
}

extension Guests {
    /// Runs `body` with guests in the chat that chatctl works on.
    static func with<Value: Sendable>(
        _ count: Int,
        rooms: Int,
        prefix: String,
        _ global: GlobalOptions,
        _ body: @Sendable (Guests, Chat) async throws -> Value
    ) async throws -> Value {
        try await Servers.locate(global).withAll { chat, database in
            let progress = ProgressBar(global.console, prefix)
            let guests = try await make(count, rooms: rooms, prefix: prefix, in: chat, progress: progress)
            let result: Result<Value, any Error>
            do { result = .success(try await body(guests, chat)) } catch { result = .failure(error) }
            await guests.remove(chat, database)
            return try result.get()
        }
    }

    /// Takes rooms and accounts away again; what is left of an account is its id in the audit log.
    private func remove(_ chat: Chat, _ database: Database) async {
        for room in rooms { try? await database.administration.deleteRoom(room, by: Servers.actor, at: Date()) }
        for guest in people { _ = try? await chat.deleteUser(guest.identity.user.id, by: Servers.actor) }
    }
}
