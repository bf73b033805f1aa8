import ArgumentParser

struct VersionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "version", abstract: "Print the version.")

    @OptionGroup var global: GlobalOptions

    func run() {
        let console = global.console
        console.data(console.isJSON ? JSONText.encode(["version": Version.text]) : "chatctl \(Version.text)")
    }
}
