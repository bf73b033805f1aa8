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

    @Test("the log is read from the newest entry back, by who acted and by what was done")
    func pages() async throws {
        try await TestChat.with { test in
            let root = try await test.person("root", role: .admin)
            for number in 0..<5 {
                test.clock.advance(seconds: 1)
                _ = try await test.chat.addUser(name: "person\(number)", password: nil, by: .person(root))
            }
            let mine = AuditFilter(actor: "root", action: .userAdd)
            let first = try await test.chat.audit(mine, limit: 3, by: .person(root))
            let second = try await test.chat.audit(mine, before: first.last?.id, limit: 3, by: .person(root))
            #expect(first.compactMap(\.subject.name) == ["person4", "person3", "person2"])
            #expect(second.compactMap(\.subject.name) == ["person1", "person0"])
            #expect(first.allSatisfy { $0.detail == ["role": "member"] })
            #expect(try await test.chat.audit(AuditFilter(actor: "nobody"), by: .owner).isEmpty)
        }
    }
}
