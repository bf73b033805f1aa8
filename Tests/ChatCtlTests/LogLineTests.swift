import Foundation
import Testing

@testable import ChatCtl

@Suite("Log lines")
struct LogLineTests {
    private let noon = Date(timeIntervalSince1970: 1_772_366_400)

    @Test("an instance's line has a time and a level")
    func instance() {
        let line = LogLine("2026-03-01T12:00:00+0000 warning chat: instance=i-1 [ChatServer] slow", from: "i-1")
        #expect(line.at == noon)
        #expect(line.level == "warning")
    }

    @Test("PostgreSQL's line has a time and a level")
    func postgres() {
        let line = LogLine("2026-03-01 12:00:00.500 UTC [7] FATAL:  no such role", from: "postgres")
        #expect(line.at == noon.addingTimeInterval(0.5))
        #expect(line.level == "critical")
    }

    @Test("Redis' line has a time and a level")
    func redis() {
        let line = LogLine("31:M 01 Mar 2026 12:00:00.500 # Warning: no config file", from: "redis")
        #expect(line.at == noon.addingTimeInterval(0.5))
        #expect(line.level == "warning")
        #expect(LogLine("31:M 01 Mar 2026 12:00:00.500 * Ready to accept connections", from: "redis").level == "notice")
    }

    @Test("a line without a time has none")
    func continuation() {
        #expect(LogLine("  at frame 3", from: "i-1").at == nil)
    }

    @Test("levels are compared by severity, and a line without one is kept")
    func severity() {
        #expect(LogLine("2026-03-01T12:00:00+0000 error chat: x", from: "a").isAtLeast("warning"))
        #expect(!LogLine("2026-03-01T12:00:00+0000 info chat: x", from: "a").isAtLeast("warning"))
        #expect(LogLine("nothing known", from: "a").isAtLeast("critical"))
    }

    @Test("lines of several files are merged by time, and a continuation stays behind its line")
    func merging() {
        let lines = [
            LogLine("2026-03-01T12:00:02+0000 info chat: third", from: "a"), LogLine("\tof a", from: "a"),
            LogLine("2026-03-01T12:00:01+0000 info chat: first", from: "b"), LogLine("\tof b", from: "b"),
        ]
        #expect(LogsCommand.merged(lines).map(\.text.last) == ["t", "b", "d", "a"])
    }

    @Test("a file is followed over its rotation without losing a line")
    func rotation() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "logs-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "i-1.log").path
        let log = LogFile(path: path, bytesMax: 40)
        var follower = LogFollower(source: "i-1", path: path)
        var seen: [String] = []
        for number in 0..<12 {
            log.append("line number \(number)")
            seen += follower.readNew().map(\.text)
        }
        #expect(seen == (0..<12).map { "line number \($0)" })
    }
}
