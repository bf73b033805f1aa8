import CPostgres
import Domain
import Foundation

/// What is compared with: libpq without anything of ours, one message in each transaction.
struct SingleTransactions {
    private let connection: OpaquePointer

    init(url: String) throws {
        connection = PQconnectdb(url)
        guard PQstatus(connection) == CONNECTION_OK else { throw ChatError.unavailable }
        run("CREATE TABLE IF NOT EXISTS benchmark_commits (n bigint)")
    }

    /// The least that a durable write costs: a row of one number.
    func bareCommits(seconds: Double) -> Measurement {
        measure(seconds: seconds) { _ in run("INSERT INTO benchmark_commits VALUES (1)") }
    }

    /// One INSERT a transaction: the row of a message and nothing else that a send has to do.
    func rows(in room: RoomID, by author: UserID, seconds: Double) -> Measurement {
        prepare(
            "row",
            """
            INSERT INTO messages (id, room_id, seq, changed_seq, n, kind, author_id, client_id, body, created_at)
            VALUES (gen_random_uuid(), $1, $2, $2, $2, 'text', $3, $4, $5, now())
            """
        )
        return measure(seconds: seconds) { number in
            // Behind the entries that tell of the room's beginning.
            let seq = "\(1_000 + number)"
            let text = "The quick brown fox jumps over the lazy dog, number \(number)."
            execute("row", [room.description, seq, author.description, UUID().uuidString, text])
        }
    }

    /// The statements of a send, each in a transaction of its own.
    func sends(to room: RoomID, by author: UserID, seconds: Double) throws -> Measurement {
        prepare("lock", "SELECT last_seq, msg_count FROM rooms WHERE id = $1 FOR NO KEY UPDATE")
        prepare(
            "facts",
            "SELECT (SELECT true FROM members WHERE room_id = $1 AND user_id = $2), (SELECT id FROM messages WHERE author_id = $2 AND client_id = $3)"
        )
        prepare(
            "count",
            "UPDATE rooms SET last_seq = last_seq + 1, msg_count = msg_count + 1, last_at = now() WHERE id = $1"
        )
        prepare(
            "insert",
            """
            INSERT INTO messages (id, room_id, seq, changed_seq, n, kind, author_id, client_id, body, created_at)
            SELECT gen_random_uuid(), id, last_seq, last_seq, msg_count, 'text', $2, $3, $4, now()
              FROM rooms WHERE id = $1 RETURNING seq
            """
        )
        prepare(
            "read",
            "UPDATE members SET read_seq = (SELECT last_seq FROM rooms WHERE id = $1) WHERE room_id = $1 AND user_id = $2"
        )
        return measure(seconds: seconds) { number in
            let key = UUID().uuidString
            run("BEGIN")
            execute("lock", [room.description])
            execute("facts", [room.description, author.description, key])
            execute("count", [room.description])
            execute("insert", [room.description, author.description, key, "The quick brown fox, number \(number)."])
            execute("read", [room.description, author.description])
            run("COMMIT")
        }
    }

    private func measure(seconds: Double, _ body: (Int) -> Void) -> Measurement {
        let start = ContinuousClock.now
        var latencies: [Duration] = []
        while start.duration(to: .now) < .seconds(seconds) {
            let before = ContinuousClock.now
            body(latencies.count)
            latencies.append(before.duration(to: .now))
        }
        return Measurement(latencies, during: start.duration(to: .now))
    }

    func run(_ text: String) { finish(PQexec(connection, text)) }

    private func prepare(_ name: String, _ text: String) { finish(PQprepare(connection, name, text, 0, nil)) }

    private func execute(_ name: String, _ values: [String]) {
        let pointers = values.map { strdup($0) }
        defer { pointers.forEach { free($0) } }
        finish(PQexecPrepared(connection, name, Int32(values.count), pointers.map { UnsafePointer($0) }, nil, nil, 0))
    }

    private func finish(_ result: OpaquePointer?) {
        let status = PQresultStatus(result)
        precondition(
            status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK,
            String(cString: PQerrorMessage(connection))
        )
        PQclear(result)
    }
}
