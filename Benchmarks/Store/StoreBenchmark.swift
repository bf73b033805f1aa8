import Domain
import Foundation
import Logging
import Storage

/// How many messages become durable in a second, and how long a sender waits, through the same use case and store as
/// in an instance. Every figure stands beside the same work done one message a transaction, from the same run.
///
///     StoreBenchmark sends DATABASE_URL MIGRATIONS [SECONDS]
///     StoreBenchmark seed  DATABASE_URL MIGRATIONS     1,000,000 messages, 1,000 rooms, 10,000 people
///     StoreBenchmark reads DATABASE_URL MIGRATIONS     paging, sync, list and search on what was seeded
///
/// The database is changed: name one that nobody needs.
@main
struct StoreBenchmark {
    static func main() async throws {
        let arguments = CommandLine.arguments
        guard arguments.count >= 4 else {
            print("usage: StoreBenchmark sends|seed|reads DATABASE_URL MIGRATIONS [SECONDS]")
            exit(64)
        }
        let logger = Logger(label: "benchmark") { _ in SwiftLogNoOpLogHandler() }
        let info = try ConnectionInfo(arguments[2])
        try await Migrator(info, folder: arguments[3], logger: logger).migrate()
        let seconds = arguments.count > 4 ? Double(arguments[4]) ?? 3 : 3
        try await Database.withDatabase(Database(info, logger: logger)) { @Sendable database in
            let chat = Chat(database.stores, passwords: NoPasswords(), tokens: NoTokens())
            switch arguments[1] {
            case "sends":
                try await SendBenchmark(chat: chat, database: database, url: arguments[2], seconds: seconds).run()
            case "seed": try await Seed(chat: chat, database: database, url: arguments[2]).run()
            case "reads": try await ReadBenchmark(chat: chat, database: database, seconds: seconds).run()
            default: print("there is no \(arguments[1])")
            }
        }
    }
}

/// Nobody logs in here.
struct NoPasswords: PasswordHashing {
    func hash(_ password: String) async throws -> String { throw ChatError.unavailable }
    func verify(_ password: String, against hash: String) async throws -> Bool { false }
}

struct NoTokens: TokenIssuing {
    func newToken() -> (secret: String, hash: [UInt8]) { ("", []) }
    func hash(of secret: String) -> [UInt8] { [] }
}

extension Chat {
    /// People who never log in.
    func people(_ count: Int, named prefix: String) async throws -> [Identity] {
        var people: [Identity] = []
        for number in 0..<count {
            let user = try await addUser(
                name: "\(prefix)-\(number)",
                password: nil,
                role: .bot,
                by: .system(name: "benchmark")
            )
            people.append(Identity(user: user, session: .new(at: Date())))
        }
        return people
    }
}
