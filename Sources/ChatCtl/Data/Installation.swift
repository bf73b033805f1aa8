import Domain
import Foundation
import Storage

/// A whole installation as JSON lines: `{"table": …, "row": {…}}`, one for each row, a header first.
///
/// Images come with their messages; what was uploaded and not sent stays behind. So do sessions, tokens, webhooks and setup
/// links: people log in again, programs get new tokens and new webhooks, whose secrets the file would show. Password hashes
/// go along.
struct Installation: Sendable {
    static let format = 1

    /// In the order in which rows can be put back.
    static let tables = [
        "users", "rooms", "members", "room_mutes", "messages", "message_versions", "attachments", "mentions",
        "reactions", "invites", "invite_rooms", "bans", "audit",
    ]

    let tools: PostgresTools

    struct Line: Decodable, Sendable {
        struct Row: Decodable, Sendable {
            var format: Int?
            var schema: String?
        }
        var table: String
        var row: Row
    }

    /// COPY's CSV with delimiters that JSON never contains raw: each line arrives as it is.
    private static let form = #"WITH (FORMAT csv, QUOTE E'\x01', DELIMITER E'\x02')"#

    /// Hands on every line. All rows are of one moment: it is one statement.
    func export(onLine: @escaping @Sendable (String) -> Void) async throws {
        let header = """
            SELECT 0 AS place, json_build_object('table', 'header', 'row', json_build_object('format', \(Self.format), \
            'schema', (SELECT max(name) FROM schema_migrations), 'at', now()))::text AS line
            """
        let parts = Self.tables.enumerated().map { index, table in
            "SELECT \(index + 1), json_build_object('table', '\(table)', 'row', to_jsonb(t) - 'words')::text FROM \(table) t"
                + (table == "attachments" ? " WHERE seq IS NOT NULL" : "")
        }
        let query = ([header] + parts).joined(separator: " UNION ALL ")
        let script = #"\copy (SELECT line FROM (\#(query)) rows ORDER BY place) TO STDOUT \#(Self.form)"#
        try await run(script, transaction: false, onLine: onLine)
    }

    /// Fills an empty database from a file and writes down who did, all or nothing.
    func restore(from path: String, by actor: Actor) async throws {
        var script = [
            "CREATE TEMPORARY TABLE incoming (line text) ON COMMIT DROP;",
            #"\copy incoming FROM \#(Self.literal(path)) \#(Self.form)"#,
            // What a first start makes of itself.
            "DELETE FROM rooms WHERE NOT EXISTS (SELECT FROM users);",
            "DELETE FROM setup_token;",
        ]
        for table in Self.tables {
            // Generated and identity columns make themselves.
            script.append(
                #"""
                SELECT format('INSERT INTO \#(table) (%s) SELECT %s FROM incoming, '
                              'json_populate_record(NULL::\#(table), line::json -> ''row'') r '
                              'WHERE line::json ->> ''table'' = ''\#(table)''',
                              string_agg(quote_ident(column_name), ', '),
                              string_agg('r.' || quote_ident(column_name), ', '))
                  FROM information_schema.columns
                 WHERE table_schema = current_schema AND table_name = '\#(table)'
                   AND is_generated = 'NEVER' AND is_identity = 'NO' \gexec
                """#
            )
        }
        script.append(Self.auditing(actor))
        try await run(script.joined(separator: "\n"), transaction: true)
    }

    private static func auditing(_ actor: Actor) -> String {
        let entry = AuditEntry(
            .importAll,
            of: AuditEntry.Subject(kind: .system, id: nil, name: nil),
            by: actor,
            at: Date()
        )
        return """
            INSERT INTO audit (id, at, actor_kind, actor_name, action, subject_kind)
            VALUES ('\(entry.id)', '\(TimeText.rfc3339(entry.at))', 'system', \(literal(entry.actor.name)),
                    \(literal(entry.action.rawValue)), \(literal(entry.subject.kind.rawValue)));
            """
    }

    /// Text in a statement of psql; nothing else than the quote has a meaning there.
    private static func literal(_ text: String) -> String { "'\(text.replacingOccurrences(of: "'", with: "''"))'" }

    private func run(
        _ script: String,
        transaction: Bool,
        onLine: @escaping @Sendable (String) -> Void = { _ in }
    ) async throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "chatctl-\(UUID().uuidString).sql")
            .path(percentEncoded: false)
        try Files.write(script + "\n", to: path)
        defer { unlink(path) }
        let options = ["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-f", path]
        try await tools.run("psql", options + (transaction ? ["--single-transaction"] : []), onLine: onLine)
    }
}
