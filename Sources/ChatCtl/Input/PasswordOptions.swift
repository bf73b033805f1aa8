import ArgumentParser
import Foundation

/// Where a new password comes from. Never from an argument or the environment, which other users of the machine can see.
struct PasswordOptions: ParsableArguments {
    @Flag(help: "Read the password from the first line of standard input.")
    var passwordStdin = false

    @Option(help: ArgumentHelp("Read the password from the first line of a file.", valueName: "file"))
    var passwordFile: String?

    @Flag(help: "Make a password and print it, once.")
    var generate = false

    struct Secret: Sendable {
        let text: String
        var isGenerated = false
    }

    func validate() throws {
        if [passwordStdin, passwordFile != nil, generate].filter({ $0 }).count > 1 {
            throw ValidationError("use only one of --password-stdin, --password-file and --generate")
        }
    }

    /// The password from the chosen source; without one, from the terminal.
    func read(for name: String, mayAsk: Bool) throws -> Secret {
        if generate { return Secret(text: Self.generated(), isGenerated: true) }
        if passwordStdin {
            guard let line = readLine(strippingNewline: true) else {
                throw Failure(.invalid, "standard input is empty: there is no password in it")
            }
            return Secret(text: line)
        }
        if let passwordFile { return Secret(text: try Self.firstLine(of: passwordFile)) }
        guard mayAsk, isatty(STDIN_FILENO) == 1 else {
            throw Failure(
                .usage,
                "there is no terminal to ask for the password",
                hint: "use --password-stdin, --password-file FILE or --generate"
            )
        }
        let shown = SafeText.escaped(name)
        let password = try PasswordPrompt.ask("Password for \(shown): ")
        guard try PasswordPrompt.ask("Again: ") == password else {
            throw Failure(.invalid, "the two passwords differ; nothing changed")
        }
        return Secret(text: password)
    }

    private static func firstLine(of path: String) throws -> String {
        var information = stat()
        guard stat(path, &information) == 0 else { throw Failure(.invalid, "there is no file \(path)") }
        // A pipe, as from <(pass show chat/alice), has no readers but us.
        if information.st_mode & S_IFMT == S_IFREG, information.st_mode & S_IROTH != 0 {
            throw Failure(.configuration, "everybody can read \(path)", hint: "chmod 600 \(path)")
        }
        guard let data = FileManager.default.contents(atPath: path) else { throw Files.cannot("read", path) }
        let line = data.prefix { $0 != UInt8(ascii: "\n") }
        return String(decoding: line.last == UInt8(ascii: "\r") ? line.dropLast() : line, as: UTF8.self)
    }

    /// Four groups of five from 32 characters that cannot be mistaken for each other: 100 random bits.
    static func generated() -> String {
        let alphabet = Array("abcdefghijkmnpqrstuvwxyz23456789")
        var random = SystemRandomNumberGenerator()
        let groups = (0..<4).map { _ in
            String((0..<5).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &random)] })
        }
        return groups.joined(separator: "-")
    }
}
