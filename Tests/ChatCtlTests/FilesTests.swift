import Foundation
import Testing

@testable import ChatCtl

@Suite final class FilesTests {
    private let folder = FileManager.default.temporaryDirectory.appending(path: "chatctl-\(UUID())").path(
        percentEncoded: false
    )

    init() throws { try Files.makeFolder(folder, mode: 0o700) }
    deinit { try? FileManager.default.removeItem(atPath: folder) }

    @Test("a command finds the data directory in a folder above")
    func locates() throws {
        try Files.makeFolder("\(folder)/chat/.chat", mode: 0o700)
        try Files.makeFolder("\(folder)/chat/a/b", mode: 0o700)
        let expected = DataDirectory(path: "\(folder)/chat/.chat")
        #expect(DataDirectory.locate(nil, from: "\(folder)/chat/a/b").path == expected.path)
        #expect(DataDirectory.locate("\(folder)/other/", from: "/").path.hasSuffix("/other"))
    }

    @Test("the fleet's secret is made once, for nobody else to read")
    func secret() throws {
        let data = DataDirectory(path: folder)
        let text = Files.read(try data.fleetSecretFile())
        #expect(text?.wholeMatch(of: /[0-9a-f]{64}\n/) != nil)
        #expect(Files.read(try data.fleetSecretFile()) == text)
        let mode = try FileManager.default.attributesOfItem(atPath: data.secret)[.posixPermissions] as? Int
        #expect(mode == 0o600)
    }

    @Test("a lock is held once, says by whom, and is free again afterwards")
    func lock() throws {
        let path = "\(folder)/lock"
        #expect(try FileLock.holder(path: path) == nil)
        var lock = try FileLock(path: path)
        #expect(lock != nil)
        #expect(try FileLock(path: path) == nil)
        #expect(try FileLock.holder(path: path) == getpid())
        lock = nil
        #expect(try FileLock.holder(path: path) == nil)
    }

    @Test("a log is rotated by size and keeps its last lines for messages")
    func rotates() {
        let log = LogFile(path: "\(folder)/a.log", bytesMax: 100)
        for number in 1...100 { log.append("line \(number)") }
        let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
        #expect(names == ["a.log", "a.log.1", "a.log.2", "a.log.3", "a.log.4"])
        #expect(Files.read("\(folder)/a.log")?.hasSuffix("line 100\n") == true)
        #expect(log.tail.count == LogFile.tailLines)
    }

    @Test("a port that somebody listens on is in use, also when it could be shared")
    func ports() throws {
        let first = try PortReservation(host: "127.0.0.1", port: 0)
        #expect(first.port > 0)
        let failure = #expect(throws: Failure.self) { try PortReservation(host: "127.0.0.1", port: first.port) }
        #expect(failure?.kind == .unavailable)
        #expect(failure?.message == "port \(first.port) is in use")
    }

    @Test("a process is told apart from a later one with its id")
    func identity() throws {
        let own = try #require(ProcessIdentity(pid: getpid()))
        #expect(own.isRunning)
        #expect(ProcessIdentity(pid: 0x3fff_fff0) == nil)
    }
}
