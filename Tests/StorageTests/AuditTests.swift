import Domain
import Testing

@testable import Storage

@Suite("The audit log")
struct AuditTests {
    @Test("an entry is stored with its act, or not at all")
    func sameTransaction() async throws {
        try await TestChat.with { test in
            let root = try await test.person("root", role: .admin)
            let entry = AuditEntry(
                AuditEntry.Action("test.act"),
                of: .user(root.user.id, name: "root"),
                by: .person(Identity(user: root.user, session: root.session, address: "192.0.2.1")),
                at: test.clock.now,
                detail: ["why": "it's \"quoted\""]
            )
            await #expect(throws: ChatError.notFound) {
                try await test.database.write { transaction in
                    try entry.append(in: transaction)
                    throw ChatError.notFound
                }
            }
            let count: SQL = "SELECT count(*) FROM audit WHERE action = 'test.act'"
            #expect(try await test.database.read(count) { try $0.read(Int64.self) } == [0])
            try await test.database.write { try entry.append(in: $0) }
            #expect(try await test.database.read(count) { try $0.read(Int64.self) } == [1])
        }
    }

    @Test(
        "an entry cannot be changed or removed, even by the owner of the table",
        arguments: ["UPDATE audit SET action = 'nothing'", "DELETE FROM audit", "TRUNCATE audit"]
    )
    func appendOnly(statement: String) async throws {
        try await TestChat.with { test in
            let entry = AuditEntry(
                AuditEntry.Action("test.act"),
                of: AuditEntry.Subject(kind: .system, id: nil, name: nil),
                by: .owner,
                at: test.clock.now
            )
            try await test.database.write { try entry.append(in: $0) }
            await #expect(throws: StorageError.self) { try await test.execute(statement) }
        }
    }
}
