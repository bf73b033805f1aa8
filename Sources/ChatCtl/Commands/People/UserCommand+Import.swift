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
            let added = try await servers.withChat { chat in
                try await checkAgainst(chat, people)
                guard !dryRun else { return [Added]() }
                return try await add(people, to: chat, ProgressBar(console, "import"))
            }
            if dryRun { return console.note("\(people.count) accounts can be added.") }
            Listing.write(
                added,
                columns: [Column("NAME") { $0.name }, Column("PASSWORD") { $0.password ?? "" }],
                records: { $0 },
                summary: "Added \(added.count) accounts.",
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

        private func checkAgainst(_ chat: Chat, _ people: [Person]) async throws {
            let taken = Set(try await chat.users(by: Servers.actor).map(\.name))
            let rooms = Set(try await chat.rooms(by: Servers.actor).compactMap(\.room.name))
            var problems: [String] = []
            for person in people {
                if taken.contains(person.name.description) {
                    problems.append("line \(person.line): user \"\(person.name)\" already exists")
                }
                for room in person.rooms where !rooms.contains(room) {
                    problems.append("line \(person.line): there is no room \"\(room)\"")
                }
            }
            guard problems.isEmpty else { throw Self.refused(problems) }
        }

        /// Adds them; what was added is removed again when one cannot be.
        private func add(_ people: [Person], to chat: Chat, _ progress: ProgressBar) async throws -> [Added] {
            defer { progress.end() }
            var added: [(user: User, password: String?)] = []
            do {
                for person in people {
                    progress.show(added.count, of: people.count)
                    let password = person.role == .bot ? nil : PasswordOptions.generated()
                    let user = try await chat.addUser(
                        name: person.name.description,
                        displayName: person.displayName?.description,
                        password: password,
                        role: person.role,
                        by: Servers.actor
                    )
                    added.append((user, password))
                    for room in try await Lookup.rooms(person.rooms, in: chat) {
                        _ = try await chat.invite([user.id], to: room.id, by: Servers.actor)
                    }
                }
            } catch {
                for (user, _) in added { _ = try? await chat.deleteUser(user.id, by: Servers.actor) }
                throw error
            }
            return added.map { Added(name: $0.user.name, password: $0.password) }
        }

        private static func refused(_ problems: [String]) -> Failure {
            Failure(.invalid, "nothing was added:\n" + problems.map { "  \($0)" }.joined(separator: "\n"))
        }
    }
}
