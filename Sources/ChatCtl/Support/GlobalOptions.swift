import ArgumentParser

/// The flags that every command has.
struct GlobalOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("The file with the settings. (default: .env)", valueName: "file"),
        completion: .file()
    )
    var config: String?

    @Option(
        help: ArgumentHelp("The data directory. (default: .chat here or above)", valueName: "dir"),
        completion: .directory
    )
    var data: String?

    @Flag(help: "Print JSON.")
    var json = false

    @Flag(help: "Print tab-separated values, as when piped.")
    var plain = false

    @Flag(name: .shortAndLong, help: "Print nothing but data and errors.")
    var quiet = false

    @Flag(name: .shortAndLong, help: "Log to standard error what the parts inside do.")
    var debug = false

    @Flag(name: .long, help: "Use no colours.")
    var noColor = false

    @Flag(name: .long, help: "Never ask; fail when something is missing.")
    var noInput = false

    @Flag(name: .shortAndLong, help: "Answer yes to ordinary confirmations.")
    var yes = false

    @Option(help: ArgumentHelp("How long to wait for servers and instances.", valueName: "time"))
    var timeout = Span(.seconds(3))

    /// The same for a part of a command that says nothing itself.
    var silenced: GlobalOptions {
        var copy = self
        copy.quiet = true
        return copy
    }

    var console: Console { Console(json: json, plain: plain, quiet: quiet, noColor: noColor) }
    var dataDirectory: DataDirectory { DataDirectory.locate(data) }
}
