import Domain
import Testing

@testable import Storage

@Suite("The application's role")
struct ApplicationRoleTests {
    @Test(
        "the chat's connections cannot change tables or what was audited",
        arguments: [
            "CREATE TABLE more (x int)", "ALTER TABLE users ADD COLUMN more int", "DROP TABLE audit",
            "TRUNCATE messages", "UPDATE audit SET action = 'nothing'", "DELETE FROM audit",
            "DELETE FROM schema_migrations", "ALTER TABLE audit DISABLE TRIGGER audit_append_only",
        ]
    )
    func refused(statement: String) async throws {
        try await TestChat.with { test in
            _ = try await test.person("alice")
            #expect(try await test.database.hasApplicationRole())
            let info = test.database.info
            let failure = await #expect(throws: StorageError.self) {
                try await onThread {
                    let connection = try Connection.open(info, until: .after(.seconds(3)))
                    try connection.execute(script: statement, until: .after(.seconds(3)))
                }
            }
            #expect(failure?.sqlState == "42501")
            #expect(try await test.audit().count == 2)
        }
    }

    @Test(
        "even the owner of the tables cannot change what was audited",
        arguments: ["UPDATE audit SET action = 'x'", "DELETE FROM audit", "TRUNCATE audit"]
    )
    func owner(statement: String) async throws {
        try await TestChat.with { test in
            _ = try await test.person("alice")
            await #expect {
                try await test.execute(statement)
            } throws: { error in
                "\(error)".contains("append-only")
            }
            #expect(try await test.audit().count == 2)
        }
    }

    @Test("without the role, or before it was given rights, the chat works as the owner")
    func withoutRole() async throws {
        try await TestChat.with { test in
            try await test.execute("REVOKE ALL ON ALL TABLES IN SCHEMA public FROM chat_app")
            let database = Database(test.database.info, readers: 1, logger: TestChat.silence)
            let (hasRole, isEmpty) = try await Database.withDatabase(database) { database in
                (try await database.hasApplicationRole(), try await database.users.isEmpty())
            }
            #expect(!hasRole && isEmpty)
        }
    }
}
