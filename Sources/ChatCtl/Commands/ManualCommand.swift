import ArgumentParser
import Foundation

struct ManualCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "man",
        abstract: "Print the manual page.",
        discussion:
            "To read it: chatctl man | man -l -    To install it: chatctl man > /usr/local/share/man/man1/chatctl.1"
    )

    // Has no use for them, but they are the flags of every command.
    @OptionGroup var global: GlobalOptions

    func run() throws {
        let dump = Data(ChatCtl._dumpHelp().utf8)
        print(ManualPage(try JSONDecoder().decode(ManualPage.Tool.self, from: dump).command).text)
    }
}

/// The manual page in roff's man macros, from what the commands say of themselves.
struct ManualPage {
    /// What the parser tells of the program; only what is used here.
    struct Tool: Decodable { var command: Command }

    struct Command: Decodable {
        var commandName: String
        var abstract: String?
        var discussion: String?
        var subcommands: [Command]?
        var arguments: [Argument]?
    }

    struct Argument: Decodable {
        struct Name: Decodable {
            var kind: String
            var name: String
        }
        var kind: String
        var shouldDisplay: Bool
        var isOptional: Bool
        var isRepeating: Bool
        var names: [Name]?
        var valueName: String?
        var abstract: String?
    }

    private let root: Command

    init(_ root: Command) { self.root = root }

    var text: String {
        var lines = [
            ".TH CHATCTL 1 \"\" \"chatctl \(Version.text)\"", ".SH NAME",
            "chatctl \\- \(Self.escaped(root.abstract ?? ""))",
            ".SH SYNOPSIS", ".B chatctl", ".I command", "[\\fIoptions\\fR]", ".SH COMMANDS",
        ]
        for command in root.subcommands ?? [] where command.commandName != "help" {
            lines += section(command, path: [])
        }
        lines += [".SH OPTIONS OF EVERY COMMAND"]
        lines += globals().flatMap(Self.option)
        lines += [".SH EXIT STATUS"]
        for kind in Failure.Kind.allCases { lines += [".TP", ".B \(kind.rawValue)", kind.word] }
        return lines.joined(separator: "\n")
    }

    private func section(_ command: Command, path: [String]) -> [String] {
        let path = path + [command.commandName]
        let children = (command.subcommands ?? []).filter { $0.commandName != "help" }
        guard children.isEmpty else { return children.flatMap { section($0, path: path) } }
        let own = own(command)
        let operands = own.filter { $0.kind == "positional" }.map { argument in
            let name = "\\fI\(Self.escaped(argument.valueName ?? "value"))\\fR" + (argument.isRepeating ? " ..." : "")
            return argument.isOptional ? "[\(name)]" : name
        }
        var lines = [".SS chatctl \(path.joined(separator: " ")) \(operands.joined(separator: " "))"]
        lines += [command.abstract, command.discussion].compactMap(\.self).map(Self.escaped)
        lines += own.filter { $0.kind != "positional" }.flatMap(Self.option)
        return lines
    }

    private static let globalNames: Set<String> = [
        "config", "data", "json", "plain", "quiet", "no-color", "no-input", "yes", "debug", "timeout", "help",
        "version",
    ]

    private static func isGlobal(_ argument: Argument) -> Bool {
        argument.names?.contains { globalNames.contains($0.name) } ?? false
    }

    private func own(_ command: Command) -> [Argument] {
        (command.arguments ?? []).filter { $0.shouldDisplay && !Self.isGlobal($0) }
    }

    private func globals() -> [Argument] {
        let any = root.subcommands?.first { $0.commandName == "status" }
        return (any?.arguments ?? []).filter { $0.shouldDisplay && Self.isGlobal($0) }
    }

    private static func option(_ argument: Argument) -> [String] {
        let names = (argument.names ?? []).map { ($0.kind == "short" ? "\\-" : "\\-\\-") + escaped($0.name) }
        let value = argument.kind == "option" ? " \\fI\(escaped(argument.valueName ?? "value"))\\fR" : ""
        return [".TP", "\\fB\(names.joined(separator: ", "))\\fR\(value)", escaped(argument.abstract ?? "")]
    }

    /// A backslash begins an escape, a dot or quote at the beginning of a line a request, and a minus is a hyphen.
    private static func escaped(_ text: String) -> String {
        text.replacingOccurrences(of: "\\", with: "\\e").replacingOccurrences(of: "-", with: "\\-")
            .split(separator: "\n", omittingEmptySubsequences: true)
            .map { $0.hasPrefix(".") || $0.hasPrefix("'") ? "\\&\($0)" : String($0) }
            .joined(separator: "\n.br\n")
    }
}
