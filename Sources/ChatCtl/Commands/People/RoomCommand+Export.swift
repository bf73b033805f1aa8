import ArgumentParser
import Domain
import Foundation
import Storage
import Views

extension RoomCommand {
    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "export",
            abstract: "Write everything that was said in a room as JSON lines, the oldest first.",
            discussion: "Each line is a message as the REST API shows it, with the author's name."
        )

        @OptionGroup var room: RoomArgument

        @Argument(help: "The new file; - is standard output.", completion: .file())
        var file: String

        @OptionGroup var global: GlobalOptions

        private static let pageRows = 1_000

        /// The message's own fields, and who wrote it.
        private struct Line: Encodable {
            let message: Message
            let authorName: String?

            private enum CodingKeys: String, CodingKey { case authorName = "author_name" }

            func encode(to encoder: any Encoder) throws {
                try MessageView(message).encode(to: encoder)
                var container = encoder.container(keyedBy: CodingKeys.self)
                try container.encodeIfPresent(authorName, forKey: .authorName)
            }
        }

        func run() async throws {
            let output = try NewFile(file)
            do {
                let (name, count) = try await write(to: output)
                try output.finish()
                global.console.note(
                    "Wrote \(TimeText.number(count)) entries of #\(name)\(output.isStandardOutput ? "" : " to \(file)")."
                )
            } catch {
                output.discard()
                throw error
            }
        }

        private func write(to output: NewFile) async throws -> (name: String, count: Int) {
            try await Servers.locate(global).withAll { chat, database in
                let room = try await Lookup.room(room.name, in: chat)
                let names = try await MessagePrinter.names(chat)
                let progress = ProgressBar(global.console, "export")
                var after: Int64 = 0
                var count = 0
                while true {
                    let page = try await database.administration.messages(
                        in: room.id,
                        after: after,
                        limit: Self.pageRows
                    )
                    for message in page {
                        let author = message.author.map { names[$0] ?? "deleted" }
                        output.write(JSONText.encode(Line(message: message, authorName: author)) + "\n")
                    }
                    count += page.count
                    progress.show(count, of: Int(room.lastSeq))
                    guard let last = page.last, page.count == Self.pageRows else { break }
                    after = last.seq
                }
                progress.end()
                return (room.name ?? "", count)
            }
        }
    }
}
