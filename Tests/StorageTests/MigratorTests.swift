import Foundation
import Testing

@testable import Storage
import TestSupport

@Suite("Migrations")
struct MigratorTests {
    @Test("four at once apply each migration once")
    func concurrent() async throws {
        try await ThrowawayDatabase.with(migrated: false) { throwaway in
            let migrator = Migrator(
                throwaway.database.info,
                folder: ThrowawayDatabase.migrations,
                logger: TestChat.silence
            )
            await #expect(throws: StorageError.self) { try await migrator.verify() }
            let applied = try await withThrowingTaskGroup(of: [String].self) { group in
                for _ in 0..<4 { group.addTask { try await migrator.migrate() } }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(applied.first == "0001_create_users")
            #expect(Set(applied).count == applied.count)
            #expect(try await migrator.migrate() == [])
            try await migrator.verify()
        }
    }

    @Test("a migration that was changed, or that this program does not know, is refused")
    func refused() async throws {
        try await ThrowawayDatabase.with(migrated: false) { throwaway in
            let folder = try Folder(["0001_a.sql": "CREATE TABLE a (x int)", "0002_b.sql": "CREATE TABLE b (x int)"])
            defer { folder.remove() }
            func migrate() async throws -> [String] {
                try await Migrator(throwaway.database.info, folder: folder.path, logger: TestChat.silence).migrate()
            }
            #expect(try await migrate() == ["0001_a", "0002_b"])
            try folder.write("0002_b.sql", "CREATE TABLE b (x bigint)")
            await #expect { try await migrate() } throws: { "\($0)".contains("0002_b was changed") }
            try folder.delete("0002_b.sql")
            await #expect { try await migrate() } throws: { "\($0)".contains("does not know") }
        }
    }

    @Test("a migration that fails leaves nothing behind, and the ones before it stay")
    func failing() async throws {
        try await ThrowawayDatabase.with(migrated: false) { throwaway in
            let folder = try Folder([
                "0001_a.sql": "CREATE TABLE a (x int);",
                "0002_b.sql": "CREATE TABLE b (x int); INSERT INTO a VALUES (1); SELECT nonsense;",
            ])
            defer { folder.remove() }
            let migrator = Migrator(throwaway.database.info, folder: folder.path, logger: TestChat.silence)
            await #expect { try await migrator.migrate() } throws: { "\($0)".contains("0002_b") }
            try folder.write("0002_b.sql", "CREATE TABLE b (x int)")
            #expect(try await migrator.migrate() == ["0002_b"])
            let rows = try await throwaway.database.read("SELECT count(*) FROM a") { try $0.read(Int64.self) }
            #expect(rows == [0])
        }
    }

    @Test("a folder with a misnamed file or two of the same number is refused")
    func naming() throws {
        let twice = try Folder(["0001_a.sql": "SELECT 1", "0001_b.sql": "SELECT 2"])
        defer { twice.remove() }
        #expect(throws: StorageError.self) { try Migration.all(in: twice.path) }
        for name in ["0000_b.sql", "1_a.sql", "a.sql", "0001.sql"] {
            let folder = try Folder([name: "SELECT 1"])
            defer { folder.remove() }
            #expect(throws: StorageError.self) { try Migration.all(in: folder.path) }
        }
        #expect(throws: StorageError.self) { try Migration.all(in: "/nonexistent") }
    }

    /// A folder of files that is removed afterwards.
    private struct Folder {
        let path: String

        init(_ files: [String: String]) throws {
            path = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path(percentEncoded: false)
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            for (name, text) in files { try write(name, text) }
        }

        func write(_ name: String, _ text: String) throws {
            try text.write(toFile: path + "/" + name, atomically: true, encoding: .utf8)
        }

        func delete(_ name: String) throws { try FileManager.default.removeItem(atPath: path + "/" + name) }

        func remove() { try? FileManager.default.removeItem(atPath: path) }
    }
}
