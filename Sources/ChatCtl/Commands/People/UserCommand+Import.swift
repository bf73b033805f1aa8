import ArgumentParser
import Domain
import Foundation

extension UserCommand {
    struct Import: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "import",
            abstract: "Add accounts from a CSV file, all or none.",
            discussion: """
                The first line names the columns: name, and if you like display_name, role and rooms (separated by \
                spaces). Passwords are made here and printed, one line for each account.
                """
        )

        @Argument(help: "The file.", completion: .file(extensions: ["csv"]))
        var file: String

        @Flag(help: "Only check the file.")
        var dryRun = false

        @OptionGroup var global: GlobalOptions

        private struct Person: Sendable {
            let line: Int
            let name: UserName
            let displayName: DisplayName?
            let role: User.Role
            let rooms: [String]
        }

        private struct Added: Encodable, Sendable {
            let name: String
            let password: String?
        }

        private static let columns: Set<String> = ["name", "display_name", "role", "rooms"]

        func run() async throws {
            guard let text = Files.read(file) else { throw Failure(.invalid, "\(file) cannot be read as UTF-8") }
            let people = try check(text)
            let servers = try await Servers.locate(global)
            let console = global.console
            let drafts = try await servers.withChat { try await checkAgainst($0, people) }
            if dryRun { return console.note("\(people.count) accounts can be added.") }
            let progress = ProgressBar(console, "import")
            let accounts = try await servers.withChat { chat in
                try await chat.addUsers(drafts, by: Servers.actor) { progress.show($0, of: drafts.count) }
            }
            progress.end()
            await News.send(accounts.flatMap { [.updated($0.user)] + .entries($0.joined) }, on: servers)
            let added = zip(accounts, drafts).map { Added(name: $0.user.name, password: $1.password) }
            Listing.write(
                added,
                columns: [Column("NAME") { $0.name }, Column("PASSWORD") { $0.password ?? "" }],
                records: { $0 },
                summary: added.count == 1 ? "Added 1 account." : "Added \(added.count) accounts.",
                to: console
            )
        }

        /// Checks every line before anything is reported, so that all mistakes are seen at once.
        private func check(_ text: String) throws -> [Person] {
            guard let rows = CSV.parse(text) else { throw Failure(.invalid, "\(file): a quote is never closed") }
            guard let header = rows.first?.fields.map({ $0.trimmingCharacters(in: .whitespaces).lowercased() }),
                header.contains("name")
            else { throw Failure(.invalid, "\(file): the first line has to name the columns, among them \"name\"") }
            var problems = header.filter { !Self.columns.contains($0) }.map { "line 1: there is no column \"\($0)\"" }
            var people: [Person] = []
            var seen: [String: Int] = [:]
            for row in rows.dropFirst() {
                do {
                    let person = try Self.person(row, header)
                    if let first = seen.updateValue(row.line, forKey: person.name.description) {
                        problems.append("line \(row.line): \(person.name) is in line \(first) already")
                    }
                    people.append(person)
                } catch {
                    problems.append("line \(row.line): \(Failure(describing: error).message)")
                }
            }
            guard problems.isEmpty else { throw Self.refused(problems) }
            guard people.count <= Chat.accountsAtOnceMax else {
                throw Failure(
                    .invalid,
                    "\(file) has \(people.count) accounts; \(Chat.accountsAtOnceMax) are added together at most",
                    hint: "split the file"
                )
            }
            return people
        }

        private static func person(_ row: CSV.Row, _ header: [String]) throws -> Person {
            guard row.fields.count == header.count else {
                throw Failure(.invalid, "\(row.fields.count) fields instead of \(header.count)")
            }
            let fields = Dictionary(zip(header, row.fields)) { first, _ in first }
                .mapValues { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.value.isEmpty }
            let roleName = fields["role"] ?? User.Role.member.rawValue
            guard let role = User.Role(rawValue: roleName) else {
                throw Failure(.invalid, "there is no role \"\(roleName)\"")
            }
            return Person(
                line: row.line,
                name: try UserName(fields["name"] ?? ""),
                displayName: try fields["display_name"].map { try DisplayName($0) },
                role: role,
                rooms: fields["rooms"]?.split(separator: " ").map(String.init) ?? []
            )
        }

        /// What is to be added, once every line agrees with the database.
        private func checkAgainst(_ chat: Chat, _ people: [Person]) async throws -> [AccountDraft] {
            let taken = Set(try await chat.users(by: Servers.actor).map(\.name))
            let rooms = try await chat.rooms(by: Servers.actor).reduce(into: [String: Room]()) { known, summary in
                if let name = summary.room.name { known[name] = summary.room }
            }
            var problems: [String] = []
            var drafts: [AccountDraft] = []
            for person in people {
                if taken.contains(person.name.description) {
                    problems.append("line \(person.line): user \"\(person.name)\" already exists")
                }
                for name in person.rooms where rooms[name] == nil {
                    problems.append("line \(person.line): there is no room \"\(name)\"")
                }
                for name in person.rooms where rooms[name]?.archivedAt != nil {
                    problems.append("line \(person.line): the room \"\(name)\" is archived")
                }
                drafts.append(
                    AccountDraft(
                        name: person.name.description,
                        displayName: person.displayName?.description,
                        password: person.role == .bot ? nil : PasswordOptions.generated(),
                        role: person.role,
                        rooms: person.rooms.compactMap { rooms[$0]?.id }
                    )
                )
            }
            guard problems.isEmpty else { throw Self.refused(problems) }
            return drafts
        }

        private static func refused(_ problems: [String]) -> Failure {
            Failure(.invalid, "nothing was added:\n" + problems.map { "  \($0)" }.joined(separator: "\n"))
        }
    }
}
