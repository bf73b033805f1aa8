import Credentials
import Domain
import Foundation
import NIOCore
import Storage

/// Accounts and rooms for a check or a measurement. They belong to no default room, so nobody hears of them, and they are
/// gone without a trace when it is over.
struct Guests: Sendable {
    struct Guest: Sendable {
        let identity: Identity
        /// Logs in a socket.
        let token: String
        let rooms: [RoomID]

        /// What goes with CONNECT.
        var auth: ByteBuffer { ByteBuffer(string: JSONText.encode(["token": token])) }
    }

    let people: [Guest]
    let rooms: [RoomID]

    /// The sessions outlive the run by this time: it may be late on a busy machine.
    private static let slack = Duration.seconds(600)

    /// Makes them. The names begin with `prefix` and are new.
    ///
    /// - Parameters:
    ///   - apart: Everybody is in one of the rooms instead of in all.
    ///   - lasting: How long the run takes. What a run that is killed leaves behind, the next one after that removes.
    static func make(
        _ count: Int,
        rooms roomCount: Int,
        apart: Bool = false,
        prefix: String,
        lasting: Duration,
        in database: Database
    ) async throws -> Guests {
        let run = String(UInt32.random(in: 0...UInt32.max), radix: 36)
        let now = Date()
        let rooms = try (1...max(1, roomCount)).map { number in
            (id: RoomID.new(at: now), name: try RoomName("\(prefix)-\(run)-\(number)"))
        }
        let tokens = TokenIssuer()
        var people: [Guest] = []
        var stored: [Administration.Guest] = []
        for number in 1...max(1, count) {
            let own = apart ? [rooms[number % rooms.count].id] : rooms.map(\.id)
            let name = try UserName("\(prefix)-\(run)-\(number)")
            let secret = tokens.newToken()
            let user = User(
                id: .new(at: now),
                name: name.description,
                displayName: name.description,
                role: .member,
                disabledAt: nil,
                createdAt: now
            )
            let identity = Identity(user: user, session: .new(at: now))
            let guest = Guest(identity: identity, token: secret.secret, rooms: own)
            people.append(guest)
            stored.append(
                Administration.Guest(
                    user: user.id,
                    name: name,
                    session: identity.session,
                    tokenHash: secret.hash,
                    rooms: own
                )
            )
        }
        let end = now.addingTimeInterval((lasting + slack) / .seconds(1))
        try await database.administration.addGuests(stored, in: rooms, until: end, by: Servers.actor, at: now)
        return Guests(people: people, rooms: rooms.map(\.id))
    }
}

extension Guests {
    /// Runs `body` with guests in the chat that chatctl works on.
    static func with<Value: Sendable>(
        _ count: Int,
        rooms: Int,
        apart: Bool = false,
        prefix: String,
        lasting: Duration,
        _ global: GlobalOptions,
        _ body: @escaping @Sendable (Guests, Chat) async throws -> Value
    ) async throws -> Value {
        // With Ctrl-C, too, they have to go.
        try await StopSignals.cancelling {
            try await run(
                count,
                rooms: rooms,
                apart: apart,
                prefix: prefix,
                lasting: lasting,
                global,
                body
            )
        }
    }

    private static func run<Value: Sendable>(
        _ count: Int,
        rooms: Int,
        apart: Bool,
        prefix: String,
        lasting: Duration,
        _ global: GlobalOptions,
        _ body: @Sendable (Guests, Chat) async throws -> Value
    ) async throws -> Value {
        try await Servers.locate(global).withAll { chat, database in
            let lost = try await database.administration.lostGuests(at: Date())
            try await remove(lost.people, from: lost.rooms, chat, database)
            let guests = try await make(
                count,
                rooms: rooms,
                apart: apart,
                prefix: prefix,
                lasting: lasting,
                in: database
            )
            let result: Result<Value, any Error>
            do { result = .success(try await body(guests, chat)) } catch { result = .failure(error) }
            do {
                try await remove(guests.people.map(\.identity.user.id), from: guests.rooms, chat, database)
            } catch {
                global.console.warn(
                    "the accounts \(prefix)-… could not be removed: \(Failure(describing: error).message)"
                )
            }
            return try result.get()
        }
    }

    private static func remove(
        _ people: [UserID],
        from rooms: [RoomID],
        _ chat: Chat,
        _ database: Database
    ) async throws {
        guard !people.isEmpty || !rooms.isEmpty else { return }
        let left = try await database.administration.removeGuests(people, from: rooms, by: Servers.actor, at: Date())
        // Who was made to say something in other rooms leaves them as everybody does.
        for user in left { _ = try await chat.deleteUser(user, by: Servers.actor) }
    }
}
