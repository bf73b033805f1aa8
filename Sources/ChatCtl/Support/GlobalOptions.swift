import ArgumentParser

/// The flags that every command has.
struct GlobalOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The data directory. (default: .chat here or above)", valueName: "dir"))
    var data: String?

    @Flag(help: "Print JSON.")
    var json = false

    @Flag(help: "Print tab-separated values, as when piped.")
    var plain = false

    @Flag(name: .shortAndLong, help: "Print nothing but data and errors.")
    var quiet = false

    @Flag(name: .long, help: "Use no colours.")
    var noColor = false

    @Flag(name: .long, help: "Never ask; fail when something is missing.")
    var noInput = false

    var console: Console { Console(json: json, plain: plain, quiet: quiet, noColor: noColor) }
    var dataDirectory: DataDirectory { DataDirectory.locate(data) }
}
