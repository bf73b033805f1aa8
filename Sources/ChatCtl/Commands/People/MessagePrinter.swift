import Domain
import Foundation
import Views

/// What the commands that print messages share.
struct MessagePrinter: Sendable {
    let console: Console
    /// Login names by id.
    let names: [UserID: String]

    func author(_ message: Message) -> String {
        message.author.map { names[$0] ?? "deleted" } ?? "system"
    }

    /// What an entry says; for one that is no message, what it tells.
    func text(_ message: Message) -> String {
        if message.deletedAt != nil { return "(deleted)" }
        guard message.kind != .text else {
            return [images(message), message.body].filter { !$0.isEmpty }.joined(separator: " ")
        }
        let target = message.target.map { " " + (names[$0] ?? "deleted") } ?? ""
        let detail = message.detail.map { ": \($0)" } ?? ""
        return "(\(message.kind.rawValue)\(target)\(detail))"
    }

    /// What stands for the pictures.
    private func images(_ message: Message) -> String {
        switch message.attachments.count {
        case 0: ""
        case 1: "(image)"
        case let count: "(\(count) images)"
        }
    }

    func list(_ messages: [Message], summary: String) {
        let now = Date()
        Listing.write(
            messages,
            columns: [
                Column("SEQ", alignment: .right) { String($0.seq) },
                Column("AT", plain: { TimeText.rfc3339($0.createdAt) }) { TimeText.ago($0.createdAt, now: now) },
                Column("AUTHOR", table: author),
                Column("TEXT", shrinks: true, table: text),
            ],
            records: { MessageView($0) },
            summary: summary,
            to: console
        )
    }

    /// One line of a stream.
    func line(_ message: Message) {
        switch console.form {
        case .json: console.data(JSONText.encode(MessageView(message)))
        case .plain:
            let cells = [TimeText.rfc3339(message.createdAt), String(message.seq), author(message), text(message)]
            console.data(cells.map { SafeText.escaped($0) }.joined(separator: "\t"))
        case .table:
            console.data("\(console.colored(SafeText.escaped(author(message))))  \(SafeText.escaped(text(message)))")
        }
    }

    static func names(_ chat: Chat) async throws -> [UserID: String] {
        Dictionary(try await chat.users(by: Servers.actor).map { ($0.id, $0.name) }) { first, _ in first }
    }
}
