import Domain
import Foundation
import Synchronization
import TestSupport

@testable import Storage

/// The use cases on a database of their own, with a clock that stands still until it is moved.
struct TestChat: Sendable {
    let chat: Chat
    let clock: FakeClock
    let passwords: FakePasswords
    let throwaway: ThrowawayDatabase

    var database: Database { throwaway.database }

    static let silence = ThrowawayDatabase.silence

    static func with<Value: Sendable>(_ body: (TestChat) async throws -> Value) async throws -> Value {
        try await ThrowawayDatabase.with { throwaway in try await body(TestChat(throwaway)) }
    }

    init(_ throwaway: ThrowawayDatabase) {
        self.throwaway = throwaway
        clock = FakeClock()
        passwords = FakePasswords()
        chat = Self.chat(on: throwaway.database, clock, passwords)
    }

    static func chat(
        on database: Database,
        _ clock: FakeClock,
        _ passwords: FakePasswords,
        policy: ChatPolicy = ChatPolicy()
    ) -> Chat {
        Chat(
            database.stores,
            passwords: passwords,
            tokens: FakeTokens(),
            policy: policy,
            clock: clock
        )
    }

    /// An account with an open session; a bot's is its token.
    func person(_ name: String, role: User.Role = .member) async throws -> Identity {
        let user = try await chat.addUser(
            name: name,
            password: role == .bot ? nil : "password",
            role: role,
            by: .owner
        )
        if role == .bot {
            let token = try await chat.issueToken(for: user.id, name: name, scopes: Scope.ofTokens, by: .owner)
            return try await chat.authenticate(secret: token.secret)
        }
        return try await chat.logIn(name: name, password: "password", client: ClientInfo()).identity
    }

    /// A public room that all of these have joined; the first is its owner.
    func room(_ name: String, _ people: Identity...) async throws -> RoomID {
        let room = try await chat.createRoom(name: name, by: .person(people[0])).summary.id
        for person in people.dropFirst() { _ = try await chat.join(room, by: person) }
        return room
    }

    /// The same use cases under another policy.
    func chat(signUp: ChatPolicy.SignUp) -> Chat {
        Self.chat(on: database, clock, passwords, policy: ChatPolicy(signUp: signUp))
    }

    /// What the audit log tells of, the newest first: `actor action subject`.
    func audit() async throws -> [String] {
        try await chat.audit(limit: Chat.auditLimitMax, by: .owner).map {
            "\($0.actor.name) \($0.action.rawValue) \($0.subject.name ?? "-")"
        }
    }

    /// What no use case does yet.
    func archive(_ room: RoomID) async throws {
        try await database.write { _ = try $0.run("UPDATE rooms SET archived_at = now() WHERE id = \(room)") }
    }

    /// Statements beside the use cases, on a connection of their own with the rights of whoever migrates.
    func execute(_ script: String, within limit: Duration = .seconds(3)) async throws {
        let info = database.info
        try await onThread {
            let connection = try Connection.connect(info, until: .after(.seconds(3)))
            try connection.execute(script: script, until: .after(limit))
        }
    }

    @discardableResult
    func say(
        _ body: String,
        in room: RoomID,
        id: String = UUID().uuidString,
        with attachments: [AttachmentID] = [],
        by identity: Identity
    ) async throws -> SendReceipt {
        try await chat.send(Draft(room: room, clientID: id, body: body, attachments: attachments), by: identity)
    }

    func upload(
        _ content: [UInt8] = TestImage.png,
        id: String = UUID().uuidString,
        to room: RoomID,
        by identity: Identity
    ) async throws -> Domain.Attachment {
        try await chat.upload(content, named: "cat.png", clientID: id, to: room, by: identity).attachment
    }
}

extension Actor {
    static let owner = Actor.system(name: "os:test")
}

/// A clock that only moves when it is told to.
final class FakeClock: WallClock {
    private let time = Mutex(Date(timeIntervalSince1970: 1_800_000_000))

    var now: Date { time.withLock { $0 } }

    func advance(seconds: TimeInterval) { time.withLock { $0 += seconds } }
}

/// Hashes that are fast and plain, and a record of what was verified against what.
final class FakePasswords: PasswordHashing {
    private let record = Mutex<[String]>([])

    /// The hashes that passwords were verified against.
    var verified: [String] { record.withLock { $0 } }

    func hash(_ password: String) async throws -> String { "hash of \(password)" }

    func verify(_ password: String, against hash: String) async throws -> Bool {
        record.withLock { $0.append(hash) }
        return hash == "hash of \(password)"
    }
}

/// Secrets that are random enough for a test, and the end of their text as a hash.
struct FakeTokens: TokenIssuing {
    func newToken() -> (secret: String, hash: [UInt8]) {
        let secret = UserID.new(at: Date()).description
        return (secret, hash(of: secret))
    }

    func hash(of secret: String) -> [UInt8] {
        Array(Array((String(repeating: " ", count: 32) + secret).utf8).suffix(32))
    }
}
