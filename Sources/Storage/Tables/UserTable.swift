package import Domain

#if canImport(FoundationEssentials)
    package import FoundationEssentials
#else
    package import Foundation
#endif

/// Accounts in PostgreSQL.
package struct UserTable: UserStoring {
    let database: Database

    static let columns: SQL.Fragment =
        "u.id, u.name, u.display_name, u.role, u.disabled_at, u.created_at, u.deleted_at"

    static func decode(_ row: inout Row) throws -> User {
        try User(
            id: row.read(),
            name: row.read(),
            displayName: row.read(),
            role: row.read(),
            disabledAt: row.readIfPresent(),
            createdAt: row.read(),
            deletedAt: row.readIfPresent()
        )
    }

    package func insert(_ accounts: [NewAccount], by actor: Actor) async throws -> [AddedAccount] {
        try await database.write { transaction in
            let rooms = Set(accounts.flatMap(\.rooms)).sorted()
            _ = try transaction.run(
                // The first account ends the setup, whichever way it was made; waits for a setup that is under way.
                "DELETE FROM setup_token",
                // All locks before the first entry and in one order, or two of these would wait for each other.
                "SELECT id FROM rooms WHERE is_default OR id = ANY(\(rooms)) ORDER BY id FOR NO KEY UPDATE"
            )
            for room in rooms { try RoomTable.lockForAdding(to: room, by: actor, transaction) }
            return try accounts.map { account in
                try account.entry.append(in: transaction)
                let added = try Self.insert(account.user, in: transaction)
                let own = try account.rooms.flatMap { room in
                    let date = account.user.createdAt
                    return try RoomTable.add([added.user.id], to: room, by: actor.user?.id, at: date, transaction)
                }
                return AddedAccount(user: added.user, joined: added.joined + own)
            }
        }
    }

    package func list() async throws -> [User] {
        try await database.read(
            "SELECT \(Self.columns) FROM users u WHERE u.deleted_at IS NULL ORDER BY u.name",
            Self.decode
        )
    }

    package func find(_ id: UserID) async throws -> User? {
        try await database.read("SELECT \(Self.columns) FROM users u WHERE u.id = \(id)", Self.decode).first
    }

    package func account(named name: UserName, device: [UInt8]?) async throws -> Account? {
        try await database.read(
            """
            SELECT \(Self.columns), u.password_hash,
                   EXISTS (SELECT FROM devices d WHERE d.user_id = u.id AND d.token_hash = \(device.map { Bytes($0) }))
              FROM users u
             WHERE u.name = \(name.description) AND u.deleted_at IS NULL
            """
        ) { row in
            try Account(user: Self.decode(&row), passwordHash: row.readIfPresent(), knowsDevice: row.read())
        }.first
    }

    package func account(_ id: UserID) async throws -> Account? {
        try await database.read(
            "SELECT \(Self.columns), u.password_hash FROM users u WHERE u.id = \(id) AND u.deleted_at IS NULL"
        ) { row in
            try Account(user: Self.decode(&row), passwordHash: row.readIfPresent())
        }.first
    }

    package func isEmpty() async throws -> Bool {
        try await database.read("SELECT NOT EXISTS (SELECT FROM users)") { try $0.read() }[0]
    }

    package func replaceSetupToken(hash: [UInt8], at date: Date) async throws -> Bool {
        try await database.write { transaction in
            try transaction.run(
                """
                INSERT INTO setup_token (token_hash, created_at)
                SELECT \(Bytes(hash)), \(date) WHERE NOT EXISTS (SELECT FROM users)
                    ON CONFLICT (singleton) DO UPDATE SET token_hash = excluded.token_hash,
                                                          created_at = excluded.created_at
                """
            )[0].affected == 1
        }
    }

    package func insertFirst(_ user: NewUser, setupTokenHash: [UInt8], entry: AuditEntry) async throws -> User? {
        try await database.write { transaction in
            // Two people with the link: the second waits for the first one's row lock and then finds no token. An
            // account that the command line adds meanwhile takes the token away just so.
            let spent = try transaction.run("DELETE FROM setup_token WHERE token_hash = \(Bytes(setupTokenHash))")[0]
            guard spent.affected == 1 else { return nil }
            let isEmpty = try transaction.run("SELECT NOT EXISTS (SELECT FROM users)")[0].first {
                try $0.read(Bool.self)
            }
            guard isEmpty == true else { return nil }
            try entry.append(in: transaction)
            return try Self.insert(user, in: transaction).user
        }
    }

    /// Stores the account, which joins the default rooms and those of an invite.
    static func insert(
        _ user: NewUser,
        invite: InviteID? = nil,
        in transaction: Transaction
    ) throws -> AddedAccount {
        let inserted = try transaction.run(
            """
            INSERT INTO users AS u (id, name, display_name, role, password_hash, created_at)
            VALUES (\(user.id), \(user.name.description), \(user.displayName.description), \(user.role.rawValue),
                    \(user.passwordHash), \(user.createdAt))
            RETURNING \(columns)
            """,
            """
            SELECT id FROM rooms
             WHERE archived_at IS NULL
               AND (is_default OR id IN (SELECT room_id FROM invite_rooms WHERE invite_id = \(invite)))
             ORDER BY id FOR NO KEY UPDATE
            """
        )
        let joined = try inserted[1].decode({ try $0.read(RoomID.self) }).compactMap { room in
            try RoomEntry(.joined, in: room, by: user.id, at: user.createdAt).admit(in: transaction)
        }
        return AddedAccount(user: try inserted[0].first(decode)!, joined: joined)
    }
}
