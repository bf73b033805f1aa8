import ArgumentParser

/// Finds a word that is no command where one is expected, and what was probably meant. The parser itself would only say
/// "unexpected argument".
enum UnknownCommand {
    static func find(in arguments: [String], of root: any ParsableCommand.Type) -> Failure? {
        var command = root
        var path = [name(of: root)]
        // `help usr` asks about a command, too.
        for word in arguments.first == "help" ? arguments.dropFirst() : arguments[...] {
            let subcommands = command.configuration.subcommands
            guard !subcommands.isEmpty, !word.hasPrefix("-"), word != "help" else { return nil }
            guard let next = subcommands.first(where: { names(of: $0).contains(word) }) else {
                let known = subcommands.flatMap(names)
                let hint =
                    Suggestion.nearest(to: word, in: known).map {
                        "did you mean: \((path + [$0]).joined(separator: " "))"
                    }
                    ?? "known are: \(subcommands.map(name).joined(separator: ", "))"
                return Failure(.usage, "unknown command: \((path + [word]).joined(separator: " "))", hint: hint)
            }
            command = next
            path.append(word)
        }
        return nil
    }

    private static func name(of command: any ParsableCommand.Type) -> String {
        command.configuration.commandName ?? "\(command)".lowercased()
    }

    private static func names(of command: any ParsableCommand.Type) -> [String] {
        [name(of: command)] + command.configuration.aliases
    }
}
