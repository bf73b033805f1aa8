import ArgumentParser
import Foundation

struct LogsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs",
        abstract: "Show what the processes of this machine logged, merged by time."
    )

    @Flag(name: .shortAndLong, help: "Go on with what is logged from now on, until Ctrl-C.")
    var follow = false

    @Option(
        help: ArgumentHelp(
            "Only of this one: an instance, postgres, redis or supervisor; may be repeated.",
            valueName: "name"
        ),
        completion: .custom { words, _, _ in NameCompletion.instances(words) }
    )
    var instance: [String] = []

    @Option(help: ArgumentHelp("Only what is not older.", valueName: "time"))
    var since: Span?

    @Option(help: "Only what is at least as severe.", completion: .list(LogLine.levels))
    var level: String?

    @Option(help: ArgumentHelp("Only lines that match a regular expression.", valueName: "regex"))
    var grep: String?

    @Option(name: .customShort("n"), help: ArgumentHelp("At most so many lines of the past.", valueName: "lines"))
    var lines = 100

    @OptionGroup var global: GlobalOptions

    private static let pollInterval = Duration.milliseconds(200)

    func validate() throws {
        if let level, !LogLine.levels.contains(level) {
            throw ValidationError("--level is one of \(LogLine.levels.joined(separator: ", "))")
        }
        if let grep, (try? Regex(grep)) == nil { throw ValidationError("\"\(grep)\" is no regular expression") }
    }

    func run() async throws {
        let folder = global.dataDirectory.logs
        var followers = try sources(in: folder).map { LogFollower(source: $0, path: "\(folder)/\($0).log") }
        var past: [LogLine] = []
        for index in followers.indices { past += filtered(followers[index].readAll()) }
        for line in Self.merged(past).suffix(max(0, lines)) { write(line) }
        while follow {
            try await Task.sleep(for: Self.pollInterval)
            // Instances come and go.
            let known = Set(followers.map(\.source))
            for source in try sources(in: folder) where !known.contains(source) {
                followers.append(LogFollower(source: source, path: "\(folder)/\(source).log"))
            }
            var new: [LogLine] = []
            for index in followers.indices { new += filtered(followers[index].readNew()) }
            for line in Self.merged(new) { write(line) }
        }
    }

    private func sources(in folder: String) throws -> [String] {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        let all = files.filter { $0.hasSuffix(".log") }.map { String($0.dropLast(4)) }.sorted()
        guard !all.isEmpty else {
            throw Failure(.unavailable, "there are no logs in \(folder)", hint: "\(Programs.asTyped) up")
        }
        return try instance.isEmpty ? all : instance.map { try Naming.find($0, in: all, as: "log", by: \.self) }
    }

    private func filtered(_ lines: [LogLine]) -> [LogLine] {
        let oldest = since.map { Date().addingTimeInterval(-$0.seconds) }
        let expression = grep.flatMap { try? Regex($0) }
        var isKept = true
        return lines.filter { line in
            // A line without a time shares the fate of the one that it continues.
            if let at = line.at {
                isKept = (oldest.map { at >= $0 } ?? true) && (level.map(line.isAtLeast) ?? true)
            }
            return isKept && (expression.map { line.text.contains($0) } ?? true)
        }
    }

    /// By time; lines without one stay behind those that they follow.
    static func merged(_ lines: [LogLine]) -> [LogLine] {
        var last: [String: Date] = [:]
        let timed = lines.map { line in
            let at = line.at ?? last[line.source] ?? .distantPast
            last[line.source] = at
            return (at: at, line: line)
        }
        return timed.enumerated().sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }.map(\.element.line)
    }

    private struct Record: Encodable {
        let source: String
        let at: Date?
        let level: String?
        let text: String
    }

    private func write(_ line: LogLine) {
        let console = global.console
        switch console.form {
        case .json:
            console.data(
                JSONText.encode(Record(source: line.source, at: line.at, level: line.level, text: line.text))
            )
        case .plain:
            console.data("\(line.source)\t\(SafeText.escaped(line.text))")
        case .table:
            console.data("\(console.colored(line.source)) \(SafeText.escaped(line.text))")
        }
    }
}
