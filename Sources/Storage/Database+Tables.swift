extension Database {
    /// Accounts.
    package var users: UserTable { UserTable(database: self) }
    /// Sessions.
    package var sessions: SessionTable { SessionTable(database: self) }
    /// Rooms and memberships.
    package var rooms: RoomTable { RoomTable(database: self) }
    /// Messages.
    package var messages: MessageTable { MessageTable(database: self) }
    /// Heartbeats of the instances.
    package var instances: InstanceTable { InstanceTable(database: self) }
}
