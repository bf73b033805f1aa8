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
        if passwordStdin { return Secret(text: try SecretInput.standardInput("password")) }
        if let passwordFile { return Secret(text: try SecretInput.firstLine(of: passwordFile)) }
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
