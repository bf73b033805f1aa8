import ArgumentParser
import Testing

@testable import ChatCtl

@Suite("Help")
struct HelpTests {
    struct Page: Sendable, CustomTestStringConvertible {
        /// Words as they are typed: `chatctl user add`.
        let path: [String]
        let command: any ParsableCommand.Type

        var testDescription: String { path.joined(separator: " ") }
        var file: String { "\(path.joined(separator: "-")).txt" }
    }

    /// The whole tree of commands.
    static let pages = pages(of: ChatCtl.self, at: ["chatctl"])

    private static func pages(of command: any ParsableCommand.Type, at path: [String]) -> [Page] {
        [Page(path: path, command: command)]
            + command.configuration.subcommands.flatMap {
                pages(of: $0, at: path + [$0.configuration.commandName ?? ""])
            }
    }

    @Test("each command's help is the one that was agreed on", arguments: pages)
    func text(_ page: Page) throws {
        try Fixtures.expect(
            ChatCtl.helpMessage(for: page.command, columns: 80),
            in: "help/\(page.file)"
        )
    }

    @Test("no help is kept of a command that is gone")
    func leftovers() throws {
        #expect(try Fixtures.names(in: "help").subtracting(Self.pages.map(\.file)).isEmpty)
    }

    @Test("every command says in one line what it does, as a sentence", arguments: pages)
    func abstract(_ page: Page) {
        let abstract = page.command.configuration.abstract
        #expect(abstract.hasSuffix(".") && abstract.first?.isUppercase == true)
    }
}
