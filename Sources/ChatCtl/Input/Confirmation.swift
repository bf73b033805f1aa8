import ArgumentParser
import Foundation

/// Asks before something is done that cannot be taken back, as strictly as it is dangerous.
struct Confirmation {
    let console: Console
    let global: GlobalOptions

    /// A yes or no. `--yes` answers it.
    func ask(_ question: String) throws {
        if global.yes { return }
        try requireTerminal(hint: "repeat it with --yes")
        let answer = try line("\(SafeText.escaped(question, keepingNewlines: true)) [y/N] ")
        guard ["y", "yes"].contains(answer.lowercased()) else { throw Self.nothingChanged }
    }

    /// Has the name typed of what is going to be lost. Only `--confirm` with that name answers it; `--yes` does not.
    func ask(_ warning: String, typing name: String, as what: String, given: String?) throws {
        if let given {
            guard given == name else {
                throw Failure(.usage, "--confirm \(given) is not \(what) (\(name)); nothing changed")
            }
            return
        }
        try requireTerminal(hint: "repeat it with --confirm \(name)")
        let text = SafeText.escaped(warning, keepingNewlines: true)
        guard try line("\(text)\nType \(what) (\(SafeText.escaped(name))) to go on: ") == name else {
            throw Self.nothingChanged
        }
    }

    private func requireTerminal(hint: String) throws(Failure) {
        guard !global.noInput, isatty(STDIN_FILENO) == 1 else {
            throw Failure(.usage, "this needs a confirmation, and there is nobody to ask", hint: hint)
        }
    }

    private func line(_ prompt: String) throws -> String {
        do {
            return try TerminalLine.ask(prompt).trimmingCharacters(in: .whitespaces)
        } catch {
            throw Failure(error.kind, "nothing changed")
        }
    }

    private static let nothingChanged = Failure(.failed, "nothing changed")
}

/// For commands whose confirmation is a name.
struct ConfirmOption: ParsableArguments {
    @Option(help: ArgumentHelp("Confirm without a question, by naming what is lost.", valueName: "name"))
    var confirm: String?
}

extension GlobalOptions {
    var confirmation: Confirmation { Confirmation(console: console, global: self) }
}
