import Domain
import Foundation
import Testing

@testable import Storage
import TestSupport

@Suite("The connections to PostgreSQL")
struct DatabaseTests {
    /// Calls end within 4 s; the rest is what a busy machine may take to resume a task of a test.
    private static let inTime: Duration = .seconds(20)

    @Test("values of every type come back as they went, in arrays too")
    func types() async throws {
        try await ThrowawayDatabase.with(migrated: false) { throwaway in
            let id = UserID.new(at: Date())
            let date = Date(timeIntervalSince1970: 1_234_567_890.123)
            let texts = ["", "it's", "back\\slash", "{\"a\",NULL}", "ünïcødé 🎈"]
            let rows: [Void] = try await throwaway.database.read(
                """
                SELECT \(id), \(date), \(true), \(Int64.min), \(texts[1]), \(Bytes([0, 255])), \(texts), \([id, id]),
                       \([date]), \([Int64]()), \([true, false]), \([Bytes([]), Bytes([1])]), \(String?.none)
                """
            ) { (row: inout Row) throws in
                #expect(try row.read(UserID.self) == id)
                #expect(try row.read(Date.self) == date)
                #expect(try row.read(Bool.self))
                #expect(try row.read(Int64.self) == .min)
                #expect(try row.read(String.self) == texts[1])
                #expect(try row.read(Bytes.self) == Bytes([0, 255]))
                #expect(try row.read([String].self) == texts)
                #expect(try row.read([UserID].self) == [id, id])
                #expect(try row.read([Date].self) == [date])
                #expect(try row.read([Int64].self) == [])
                #expect(try row.read([Bool].self) == [true, false])
                #expect(try row.read([Bytes].self) == [Bytes([]), Bytes([1])])
                #expect(try row.readIfPresent(String.self) == nil)
                // There is no further column.
                #expect((try? row.read(String.self)) == nil)
            }
            #expect(rows.count == 1)
        }
    }

    @Test("a query that fails does not touch the others in flight")
    func pipelinedFailure() async throws {
        try await ThrowawayDatabase.with(migrated: false, readers: 1) { throwaway in
            try await withThrowingTaskGroup { group in
                for number in 0..<200 as Range<Int64> {
                    group.addTask {
                        let divisor = number % 10
                        if divisor == 0 {
                            await #expect(throws: StorageError.self) {
                                try await throwaway.database.read("SELECT 1 / \(divisor)") { try $0.read(Int64.self) }
                            }
                        } else {
                            let answer = try await throwaway.database.read(
                                "SELECT \(number) + 1 WHERE 1 / \(divisor) >= 0"
                            ) {
                                try $0.read(Int64.self)
                            }
                            #expect(answer == [number + 1])
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test("statements that PostgreSQL forgot are prepared again")
    func forgottenStatements() async throws {
        try await ThrowawayDatabase.with(migrated: false, readers: 1) { throwaway in
            for _ in 0..<3 {
                #expect(try await throwaway.database.check() > .zero)
                _ = try await throwaway.database.rows("DEALLOCATE ALL")
            }
        }
    }

    @Test(
        "what coming again helps against is told as unavailable",
        arguments: ["55P03", "40P01", "40001", "53300", "26000"]
    )
    func passing(_ state: String) {
        #expect(StorageError(.server, "", sqlState: state).asChatError == .unavailable)
        #expect(StorageError(.server, "", sqlState: "42601").asChatError == nil)
    }

    @Test("connections that are cut come back, and no call in between is lost or doubled")
    func cutConnections() async throws {
        try await TestChat.with { test in
            let alice = try await test.person("alice")
            let room = try await test.room("dev", alice)
            try await withThrowingTaskGroup { group in
                for writer in 0..<4 {
                    group.addTask {
                        for number in 0..<50 {
                            try await Self.untilAvailable {
                                try await test.say("m", in: room, id: "\(writer)-\(number)", by: alice)
                            }
                            _ = try await Self.untilAvailable { try await test.chat.room(room, by: alice) }
                        }
                    }
                }
                group.addTask {
                    for _ in 0..<5 { try await test.throwaway.server.cutConnections(to: test.throwaway.name) }
                }
                try await group.waitForAll()
            }
            let stored = try await test.database.messages.changed(in: room, after: 0, limit: 1_000).messages
            #expect(stored.map(\.seq) == Array(1...201))
            #expect(try await test.chat.users(by: .owner).count == 1)
        }
    }

    /// What a client does: the same request until there is an answer.
    @discardableResult
    private static func untilAvailable<Value>(_ request: () async throws -> Value) async throws -> Value {
        while true {
            do { return try await request() } catch let error as ChatError where error == .unavailable {}
        }
    }

    @Test("idle connections that are cut are replaced before the next call")
    func cutIdle() async throws {
        try await TestChat.with { test in
            let alice = try await test.person("alice")
            let room = try await test.room("dev", alice)
            try await test.say("one", in: room, by: alice)
            #expect(try await test.throwaway.server.cutConnections(to: test.throwaway.name) >= 4)
            try await test.say("two", in: room, by: alice)
            _ = try await test.chat.createRoom(name: "ops", by: .person(alice))
            #expect(try await test.chat.room(room, by: alice).room.messageCount == 2)
        }
    }

    @Test("a database that is down fails calls in time, and serves them by itself when it is back")
    func down() async throws {
        try await ThrowawayDatabase.with { throwaway in
            let live = throwaway.database.info
            let socket = try #require(live.value(of: "host"), "TEST_DATABASE_URL names a socket folder or host")
            let link = FileManager.default.temporaryDirectory.appending(path: "s" + UUID().uuidString.prefix(8))
                .path(percentEncoded: false)
            try #require(socket.hasPrefix("/"), "this test reaches PostgreSQL through a Unix socket")
            defer { try? FileManager.default.removeItem(atPath: link) }
            var info = live
            info.set("host", to: link)
            try await Database.withDatabase(Database(info, logger: TestChat.silence)) { database in
                let start = ContinuousClock.now
                await #expect(throws: ChatError.unavailable) { try await database.check() }
                #expect(start.duration(to: .now) < Self.inTime)
                try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: socket)
                _ = try await database.check()
            }
        }
    }

    @Test("a server that accepts and never answers fails calls in time")
    func silentServer() async throws {
        let listener = try SilentListener()
        defer { listener.close() }
        let database = try Database(
            url: "postgresql://u@127.0.0.1:\(listener.port)/d?sslmode=disable&gssencmode=disable",
            logger: TestChat.silence
        )
        try await Database.withDatabase(database) { database in
            let start = ContinuousClock.now
            let write = Task { try await database.users.replaceSetupToken(hash: [], at: Date()) }
            await #expect(throws: ChatError.unavailable) { try await database.check() }
            await #expect(throws: ChatError.unavailable) { try await write.value }
            #expect(start.duration(to: .now) < Self.inTime)
        }
    }

    @Test("a server that may lose what it confirmed is refused at once, with the reason")
    func unsafeServer() async throws {
        try await ThrowawayDatabase.with(migrated: false) { throwaway in
            var info = throwaway.database.info
            info.set("options", to: "-c synchronous_commit=off")
            try await Database.withDatabase(Database(info, logger: TestChat.silence)) { database in
                await #expect {
                    try await database.verify()
                } throws: { error in
                    (error as? StorageError)?.kind == .unsafe && "\(error)".contains("synchronous_commit")
                }
            }
        }
    }

    @Test("closing finishes what waits and refuses what comes after")
    func close() async throws {
        try await TestChat.with { test in
            let alice = try await test.person("alice")
            let room = try await test.room("dev", alice)
            let instance = Database(test.database.info, logger: TestChat.silence)
            let chat = TestChat.chat(on: instance, test.clock, test.passwords)
            let tasks = (0..<50).map { number in
                Task { try await chat.send(Draft(room: room, clientID: "c\(number)", body: "m"), by: alice) }
            }
            while instance.messagesWaiting < 50 { await Task.yield() }
            instance.close()
            await instance.run()
            for task in tasks { _ = try await task.value }
            await #expect(throws: ChatError.unavailable) { try await instance.check() }
        }
    }

    @Test("a mailbox takes no more than its capacity")
    func mailbox() throws {
        let mailbox = Mailbox<Int>(capacity: 3)
        for number in 1...3 { try mailbox.put(number) }
        #expect(throws: StorageError.self) { try mailbox.put(4) }
        #expect(mailbox.take(2) == [1, 2])
        mailbox.putBack([2])
        #expect(mailbox.take(10) == [2, 3])
        mailbox.close()
        #expect(throws: StorageError.self) { try mailbox.put(5) }
    }

    @Test("a connection string that makes no sense is a clear error, and passwords stay out of descriptions")
    func connectionInfo() throws {
        #expect(throws: StorageError.self) { try ConnectionInfo("postgresql://[") }
        let info = try ConnectionInfo("postgresql://me:se%27cret@db.example:6543/chat")
        #expect("\(info)" == "PostgreSQL at db.example:6543, database chat")
        #expect(info.connectionString.contains("password='se\\'cret'"))
        #expect(info.with(database: "other").value(of: "dbname") == "other")
    }
}
