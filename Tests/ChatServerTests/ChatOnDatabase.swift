import Domain
import Foundation
import Storage
import TestSupport

extension ThrowawayDatabase {
    /// The use cases on this database, for bots only: they need no passwords.
    func chat(policy: ChatPolicy = ChatPolicy()) -> Chat {
        Chat(database.stores, passwords: NoPasswords(), tokens: PlainTokens(), policy: policy)
    }
}

extension Actor {
    static let owner = Actor.system(name: "os:test")
}

extension Chat {
    /// A bot with a token.
    func bot(_ name: String) async throws -> Identity {
        let user = try await addUser(name: name, password: nil, role: .bot, by: .owner)
        let token = try await issueToken(for: user.id, name: name, scopes: [.chat], by: .owner)
        return try await authenticate(secret: token.secret)
    }
}

private struct NoPasswords: PasswordHashing {
    func hash(_ password: String) async throws -> String { throw ChatError.unavailable }
    func verify(_ password: String, against hash: String) async throws -> Bool { false }
}

/// Secrets that are random enough for a test, and the end of their text as a hash.
private struct PlainTokens: TokenIssuing {
    func newToken() -> (secret: String, hash: [UInt8]) {
        let secret = UserID.new(at: Date()).description
        return (secret, hash(of: secret))
    }

    func hash(of secret: String) -> [UInt8] {
        Array((String(repeating: " ", count: 32) + secret).utf8.suffix(32))
    }
}
