import Domain
import Foundation
import Storage

/// A chat of some age: 10,000 people, 1,000 rooms, 1,000,000 messages. Written by PostgreSQL itself, which takes about
/// a minute.
struct Seed {
    let chat: Chat
    let database: Database
    let url: String

    func run() async throws {
        let start = ContinuousClock.now
        let raw = try SingleTransactions(url: url)
        raw.run(
            """
            INSERT INTO users (id, name, display_name, role, created_at)
            SELECT gen_random_uuid(), 'seed-' || n, 'Seed ' || n, 'member', now() FROM generate_series(1, 10000) n;
            INSERT INTO rooms (id, kind, name, created_at, last_seq, msg_count, last_at)
            SELECT gen_random_uuid(), 'public', 'seed-' || n, now(), 1001, 1000, now() FROM generate_series(1, 1000) n;
            INSERT INTO messages (id, room_id, seq, changed_seq, kind, body, created_at)
            SELECT gen_random_uuid(), id, 1, 1, 'created', '', created_at FROM rooms WHERE name LIKE 'seed-%';
            -- Thirty rooms for everybody, and one person in 200 of them.
            INSERT INTO members (room_id, user_id, joined_seq, read_seq, read_n)
            SELECT r.id, u.id, 1, 501, 500
              FROM (SELECT id, row_number() OVER (ORDER BY name) AS n FROM users WHERE name LIKE 'seed-%') u
              JOIN (SELECT id, row_number() OVER (ORDER BY name) AS n FROM rooms WHERE name LIKE 'seed-%') r
                ON (r.n * 7 + u.n) % 33 = 0 AND r.n <= 990 OR u.n = 1 AND r.n <= 200
                ON CONFLICT DO NOTHING;
            """
        )
        // Ids sort by age, as those of the program do.
        raw.run(
            """
            INSERT INTO messages (id, room_id, seq, changed_seq, n, kind, author_id, client_id, body, created_at)
            SELECT (lpad(to_hex(1700000000000 + n * 1000), 12, '0') || substr(md5(n::text || r.name), 1, 20))::uuid,
                   r.id, n + 1, n + 1, n, 'text', u.id, r.name || '/' || n,
                   'word' || (n * 7919 % 5000) || ' in message ' || n || ' about topic' || (n % 97) || ' of ' || r.name,
                   now() - make_interval(secs => 1000 - n)
              FROM rooms r
              JOIN LATERAL (SELECT user_id AS id FROM members WHERE room_id = r.id LIMIT 1) u ON true
             CROSS JOIN generate_series(1, 1000) n
             WHERE r.name LIKE 'seed-%';
            """
        )
        raw.run("VACUUM ANALYZE")
        print("seeded in \(start.duration(to: .now))")
    }
}
