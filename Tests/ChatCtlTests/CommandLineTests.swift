import ArgumentParser
import Domain
import ServerSettings
import Testing

@testable import ChatCtl

@Suite struct CommandLineTests {
    @Test("up takes its flags")
    func up() throws {
        let command = try #require(
            try ChatCtl.parseAsRoot(["up", "-n", "5", "--port", "0", "--adapter", "none", "--detach"]) as? UpCommand
        )
        #expect(command.n == 5 && command.port == 0 && command.adapter == UpCommand.Adapter.none && command.detach)
    }

    @Test("the last of two values counts, so that scripts/run can have defaults")
    func overrides() throws {
        let command = try #require(try ChatCtl.parseAsRoot(["up", "-n", "3", "--instances", "5"]) as? UpCommand)
        #expect(command.n == 5)
    }

    @Test(
        "what makes no sense is a usage error",
        arguments: [
            ["up", "-n", "0"], ["up", "--port", "70000"], ["up", "--adapter", "kafka"], ["user", "add"],
            ["user", "add", "a", "--generate", "--password-stdin"], ["user", "add", "a", "--role", "king"],
            // Everybody on the machine could read it there.
            ["user", "add", "a", "--password", "secret"],
        ]
    )
    func usage(arguments: [String]) {
        #expect {
            try ChatCtl.parseAsRoot(arguments)
        } throws: {
            ChatCtl.exitCode(for: $0) == .validationFailure
        }
    }

    @Test("aliases lead to the same commands")
    func aliases() throws {
        #expect(try ChatCtl.parseAsRoot(["user", "list"]) is UserCommand.List)
        #expect(try ChatCtl.parseAsRoot(["instance", "ls"]) is InstancesCommand.List)
        let add = try #require(try ChatCtl.parseAsRoot(["user", "add", "a", "--role", "admin"]) as? UserCommand.Add)
        #expect(add.role == .admin)
    }

    @Test("an unknown command gets a suggestion")
    func unknown() {
        #expect(UnknownCommand.find(in: ["usr", "ls"], of: ChatCtl.self)?.hint == "did you mean: chatctl user")
        #expect(UnknownCommand.find(in: ["user", "sl"], of: ChatCtl.self)?.hint == "did you mean: chatctl user ls")
        #expect(UnknownCommand.find(in: ["help", "usr"], of: ChatCtl.self)?.hint == "did you mean: chatctl user")
        #expect(UnknownCommand.find(in: ["help", "user", "add"], of: ChatCtl.self) == nil)
        #expect(UnknownCommand.find(in: ["frobnicate"], of: ChatCtl.self)?.kind == .usage)
        #expect(UnknownCommand.find(in: ["user", "add", "usr"], of: ChatCtl.self) == nil)
        #expect(UnknownCommand.find(in: ["--help"], of: ChatCtl.self) == nil)
    }

    @Test("a typed password is edited as on any terminal")
    func editsLine() {
        func type(_ bytes: [UInt8]) -> LineEditor.Outcome {
            var editor = LineEditor()
            var last = LineEditor.Outcome.more
            for byte in bytes { last = editor.take(byte) }
            return last
        }
        #expect(type(Array("abc\n".utf8)) == .done("abc"))
        #expect(type(Array("aé".utf8) + [0x7f] + Array("b\r".utf8)) == .done("ab"))
        #expect(type(Array("wrong".utf8) + [0x15] + Array("right\n".utf8)) == .done("right"))
        #expect(type(Array("abc".utf8) + [0x03]) == .interrupted)
        #expect(type([0x04]) == .interrupted)
    }

    @Test("a made password is long, typable and new each time")
    func generates() {
        let password = PasswordOptions.generated()
        #expect(password.wholeMatch(of: /([a-z2-9]{5}-){3}[a-z2-9]{5}/) != nil)
        #expect(password != PasswordOptions.generated())
    }

    @Test("settings come from the environment's names")
    func settings() throws {
        func settings(_ values: [String: String]) throws -> Settings {
            try Settings(SettingReader(environment: values))
        }
        let some = try settings([
            "DATABASE_URL": "postgresql:///x", "REDIS_URL": "", "USE_REDIS_ADAPTER": "false", "PORT": "8080",
            "FLEET_SECRET_FILE": "/s", "HOST": "0.0.0.0",
        ])
        #expect(some.databaseURL == "postgresql:///x" && some.redisURL == nil && !some.usesRedisAdapter)
        #expect(some.port == 8080 && some.fleetSecretFile == "/s" && some.host == "0.0.0.0")
        #expect(try settings([:]).usesRedisAdapter)
        #expect(throws: SettingError.self) { try settings(["USE_REDIS_ADAPTER": "maybe"]) }
        #expect(throws: SettingError.self) { try settings(["PORT": "x"]) }
    }
}
