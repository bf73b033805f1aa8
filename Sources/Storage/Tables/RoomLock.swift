import Domain

extension Transaction {
    /// Locks a room's row, which orders everything that takes a number of it, and reads what the actor is in it.
    ///
    /// The membership is read after the lock was taken, in a statement of its own: else it could be older than the
    /// lock. Throws `notFound` when there is no such room, `unauthenticated` when the account cannot be used any more.
    func lockRoom(_ id: RoomID, for actor: Actor) throws -> Standing {
        let lock: SQL = "SELECT \(RoomTable.columns) FROM rooms r WHERE r.id = \(id) FOR NO KEY UPDATE"
        guard case .person(let identity) = actor else {
            guard let room = try run(lock)[0].first(RoomTable.decode) else { throw ChatError.notFound }
            return Standing(room: room, role: nil, mutedUntil: nil, account: nil)
        }
        let results = try run(
            lock,
            """
            SELECT u.role, m.role, m.muted_until
              FROM users u LEFT JOIN members m ON m.user_id = u.id AND m.room_id = \(id)
             WHERE u.id = \(identity.user.id) AND u.disabled_at IS NULL
            """
        )
        guard let room = try results[0].first(RoomTable.decode) else { throw ChatError.notFound }
        let standing = try results[1].first { row in
            let account: User.Role = try row.read()
            return try Standing(
                room: room,
                role: row.readIfPresent(),
                mutedUntil: row.readIfPresent(),
                // A token without the scope is that of a member, whoever it belongs to.
                account: identity.scopes.contains(.admin) ? account : .member
            )
        }
        guard let standing else { throw ChatError.unauthenticated }
        return standing
    }
}
