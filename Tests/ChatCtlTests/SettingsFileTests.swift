import Foundation
import ServerSettings
import Testing

@testable import ChatCtl

@Suite final class SettingsFileTests {
    private let folder = FileManager.default.temporaryDirectory.appending(path: "chatctl-\(UUID())").path(
        percentEncoded: false
    )
    private var path: String { "\(folder)/.env" }

    init() throws { try Files.makeFolder(folder, mode: 0o700) }
    deinit { try? FileManager.default.removeItem(atPath: folder) }

    private func mode(_ path: String) -> mode_t? {
        var information = stat()
        return lstat(path, &information) == 0 ? information.st_mode & 0o7777 : nil
    }

    private func changed(_ text: String, _ setting: Setting, to value: String) -> String {
        var file = SettingsFile(text: text)
        file.set(setting, to: value)
        return file.text
    }

    @Test("a setting is changed where it stands, and everything else stays")
    func replaces() {
        let before = "# ours\n\nHOST = ::1\n  PORT = 1\n#PORT=3000\nOTHER=x # y\n"
        #expect(changed(before, .port, to: "8080") == "# ours\n\nHOST = ::1\nPORT=8080\n#PORT=3000\nOTHER=x # y\n")
        #expect(changed("PORT=1\nPORT=2\n", .port, to: "3") == "PORT=1\nPORT=3\n", "the last one counts")
        #expect(changed("PRIVATE_PORT=1\n", .port, to: "3") == "PRIVATE_PORT=1\nPORT=3\n")
    }

    @Test("a new setting stands below the comment that shows it, else at the end")
    func inserts() {
        #expect(
            changed("# The port.\n#PORT=3000\n\n#HOST=x\n", .port, to: "1")
                == "# The port.\n#PORT=3000\nPORT=1\n\n#HOST=x\n"
        )
        #expect(changed("HOST=x", .port, to: "1") == "HOST=x\nPORT=1\n")
        #expect(changed("", .port, to: "1") == "PORT=1\n")
    }

    @Test("a new file is for its owner alone, and one that is there keeps its permissions")
    func permissions() throws {
        try SettingsFile.change(path, holdsSecret: false) { $0.set(.port, to: "1") }
        #expect(Files.read(path) == "PORT=1\n" && mode(path) == 0o600)
        chmod(path, 0o644)
        try SettingsFile.change(path, holdsSecret: false) { $0.set(.port, to: "2") }
        #expect(mode(path) == 0o644)
        try SettingsFile.change(path, holdsSecret: true) { $0.set(.redisURL, to: "redis://:x@y") }
        #expect(mode(path) == 0o640 && Files.read(path) == "PORT=2\nREDIS_URL=redis://:x@y\n")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == [".env"])
    }

    @Test("a link to the file stays one")
    func link() throws {
        try Files.write("PORT=1\n", to: "\(folder)/shared.env")
        symlink("shared.env", path)
        try SettingsFile.change(path, holdsSecret: false) { $0.set(.port, to: "2") }
        #expect(Files.read("\(folder)/shared.env") == "PORT=2\n")
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: path) == "shared.env")
    }

    @Test("what an instance would refuse is refused before")
    func checks() {
        #expect(throws: SettingError.self) { try Setting.port.check("many") }
        #expect(throws: (any Error).self) { try Setting.databaseURL.check("mysql://x") }
        #expect(throws: Never.self) { try Setting.databaseURL.check("postgresql://chat:x@db/chat") }
        #expect(throws: Never.self) { try Setting.port.check("") }
    }

    @Test("a setting is found however it is written, and a wrong one gets a suggestion")
    func names() throws {
        var argument = SettingArgument()
        argument.name = "log-level"
        #expect(try argument.find() == .logLevel)
        argument.name = "PROT"
        #expect(throws: Failure(.usage, "there is no setting \"PROT\"", hint: "did you mean PORT?")) {
            try argument.find()
        }
    }
}
