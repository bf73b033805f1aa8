import ArgumentParser
import Domain
import Foundation
import Storage

struct BroadcastCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "broadcast",
        abstract: "Show a notice to everybody who is connected. It is not stored."
    )

    enum Level: String, CaseIterable, ExpressibleByArgument { case info, warn }

    @Argument(help: "The text.")
    var text: String

    @Option(
        help: ArgumentHelp("Only to the people of this room.", valueName: "name"),
        completion: .custom { words, _, _ in NameCompletion.rooms(words) }
    )
    var room: String?

    @Option(help: "info or warn.")
    var level = Level.info

    @OptionGroup var global: GlobalOptions

    private static let charactersMax = 500

    private struct Notice: Encodable {
        let level: String
        let text: String
        let from: String
    }

    func validate() throws {
        guard !text.isEmpty, text.count <= Self.charactersMax else {
            throw ValidationError("a notice has 1 to \(Self.charactersMax) characters")
        }
    }

    func run() async throws {
        let servers = try await Servers.locate(global)
        guard servers.redisURL != nil else {
            throw Failure(.unavailable, "there is no Redis to reach the instances through")
        }
        let target = try await servers.withAll { chat, database in
            let found = try await Lookup.rooms(room.map { [$0] } ?? [], in: chat).first
            let entry = AuditEntry(
                .broadcast,
                of: found.map { .room($0.id, name: $0.name) } ?? AuditEntry.Subject(kind: .system, id: nil, name: nil),
                by: Servers.actor,
                at: Date(),
                detail: ["text": text, "level": level.rawValue]
            )
            try await database.administration.note(entry)
            return found
        }
        let notice = Notice(level: level.rawValue, text: text, from: SystemUser.caller)
        let rooms = target.map { [News.room($0.id)] } ?? []
        // Written down before: nobody is told anything of which there is no line.
        try await News.publish([.event("notice", json: JSONText.encode(notice), to: rooms)], on: servers)
        global.console.note("Told \(target.map { "#\($0.name ?? "")" } ?? "everybody who is connected").")
    }
}
