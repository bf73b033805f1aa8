import ArgumentParser
import Domain
import Foundation
import Storage
import Synchronization

struct ExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write a whole installation as JSON lines.",
        discussion:
            "The file holds password hashes and private messages; only you can read it. Sessions, tokens and webhooks stay."
    )

    @Argument(help: "The new file; - is standard output.", completion: .file())
    var file: String

    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let servers = try await Servers.locate(global)
        let total = try await servers.withDatabase { try await $0.administration.rowCount() }
        guard let url = servers.databaseURL else { return }
        let output = try NewFile(file)
        let progress = ProgressBar(global.console, "export")
        let lines = LineCount()
        do {
            try await Installation(tools: PostgresTools(databaseURL: url)).export { line in
                output.write(line + "\n")
                progress.show(lines.next(), of: total)
            }
            try output.finish()
        } catch {
            output.discard()
            throw error
        }
        progress.end()
        global.console.note(
            "Wrote \(TimeText.number(max(0, lines.value - 1))) rows\(output.isStandardOutput ? "" : " to \(file)")."
        )
    }
}

struct ImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Fill an empty installation from what `export` wrote, all or nothing."
    )

    @Argument(help: "The file.", completion: .file())
    var file: String

    @OptionGroup var global: GlobalOptions

    func run() async throws {
        guard
            let path = realpath(file, nil).map({ pointer in
                defer { free(pointer) }
                return String(cString: pointer)
            })
        else { throw Failure(.invalid, "there is no file \(file)") }
        let schema = try Self.checkHeader(path)
        let servers = try await Servers.locate(global)
        try await servers.withDatabase { database in
            let own = try await database.schemaVersion() ?? "none"
            guard own == schema else {
                throw Failure(
                    .invalid,
                    "the file is of schema \(schema), the database of \(own)",
                    hint: "export with the same version, or migrate: \(Programs.asTyped) db migrate"
                )
            }
            guard try await database.users.isEmpty() else {
                throw Failure(.exists, "there are accounts already", hint: "import into an empty database")
            }
        }
        guard let url = servers.databaseURL else { return }
        let progress = ProgressBar(global.console, "import")
        progress.show(0, of: 1, detail: "one transaction")
        try await Installation(tools: PostgresTools(databaseURL: url)).restore(from: path, by: Servers.actor)
        progress.end()
        let rows = try await servers.withDatabase { database in
            try await database.administration.rowCount()
        }
        global.console.note("Imported; \(TimeText.number(rows)) rows are in the database.")
    }

    private static func checkHeader(_ path: String) throws -> String {
        guard let handle = FileHandle(forReadingAtPath: path), let head = try? handle.read(upToCount: 4096) else {
            throw Files.cannot("read", path)
        }
        let line = head.prefix { $0 != UInt8(ascii: "\n") }
        guard let header = try? JSONDecoder().decode(Installation.Line.self, from: line), header.table == "header",
            let schema = header.row.schema
        else { throw Failure(.invalid, "\(path) was not written by `chatctl export`") }
        guard header.row.format == Installation.format else {
            throw Failure(.invalid, "\(path) has a format that this version does not know")
        }
        return schema
    }
}

/// Counts lines from the output queue.
final class LineCount: Sendable {
    private let count = Mutex(0)
    var value: Int { count.withLock { $0 } }
    func next() -> Int {
        count.withLock { count in
            count += 1
            return count
        }
    }
}
