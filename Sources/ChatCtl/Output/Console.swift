import Foundation

/// Where output goes and how it looks: data to standard output, everything for the person to standard error.
struct Console: Sendable {
    enum Form: Sendable, Equatable {
        /// A table sized to the terminal.
        case table(width: Int)
        /// Tab separated, nothing shortened, absolute times.
        case plain
        case json
    }

    let form: Form
    let isQuiet: Bool
    /// Whether standard error is a terminal that understands escape sequences.
    let decorates: Bool
    let usesColor: Bool

    var isJSON: Bool { form == .json }

    /// Writes a line of data.
    func data(_ line: String) { Self.write(line + "\n", to: STDOUT_FILENO) }

    /// Writes a line for the person; silent with `--quiet`.
    func note(_ line: String) {
        if !isQuiet { Self.write(line + "\n", to: STDERR_FILENO) }
    }

    /// Writes a line for the person also with `--quiet`.
    func warn(_ line: String) { Self.write("warning: \(line)\n", to: STDERR_FILENO) }

    /// Writes without a newline, for a line that is going to be replaced.
    func draw(_ text: String) { Self.write(text, to: STDERR_FILENO) }

    func bold(_ text: String) -> String { usesColor ? "\u{1b}[1m\(text)\u{1b}[0m" : text }
    func dim(_ text: String) -> String { usesColor ? "\u{1b}[2m\(text)\u{1b}[0m" : text }
    func green(_ text: String) -> String { usesColor ? "\u{1b}[32m\(text)\u{1b}[0m" : text }

    /// PASS, FIXED, WARN or FAIL in the colour that goes with it.
    func verdict(_ word: String) -> String {
        guard usesColor else { return word }
        let color = ["PASS": 32, "FIXED": 36, "WARN": 33, "FAIL": 31][word] ?? 0
        return "\u{1b}[\(color)m\(word)\u{1b}[0m"
    }

    /// The name of a source in a colour of its own, always the same one.
    func colored(_ name: String) -> String {
        guard usesColor else { return name }
        let colors = [36, 33, 35, 32, 34, 96, 93, 95]
        let sum = name.utf8.reduce(0) { ($0 &* 31 &+ Int($1)) & 0xffff }
        return "\u{1b}[\(colors[sum % colors.count])m\(name)\u{1b}[0m"
    }

    /// Ignores errors: a terminal that is gone must not end the supervisor.
    static func write(_ text: String, to descriptor: Int32) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                bytes = bytes.dropFirst(count)
            } else if errno != EINTR {
                return
            }
        }
    }
}

extension Console {
    /// Decides from the flags, the terminal and the environment (NO_COLOR, TERM, COLUMNS).
    init(json: Bool, plain: Bool, quiet: Bool, noColor: Bool) {
        let environment = ProcessInfo.processInfo.environment
        let capable = environment["TERM"] != "dumb" && environment["TERM"] != nil
        let outputIsTerminal = isatty(STDOUT_FILENO) == 1
        let errorIsTerminal = isatty(STDERR_FILENO) == 1
        if json {
            form = .json
        } else if plain || !outputIsTerminal {
            form = .plain
        } else {
            form = .table(width: Self.terminalWidth(environment))
        }
        isQuiet = quiet
        decorates = errorIsTerminal && capable
        usesColor =
            (outputIsTerminal && errorIsTerminal) && capable && !noColor && environment["NO_COLOR", default: ""].isEmpty
    }

    private static func terminalWidth(_ environment: [String: String]) -> Int {
        var size = winsize()
        if ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 { return Int(size.ws_col) }
        return environment["COLUMNS"].flatMap(Int.init) ?? 80
    }
}
