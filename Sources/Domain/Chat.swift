/// The use cases of the chat: what people and the owner of the machine can do.
///
/// Arguments are checked here, once; what a person may do is decided by finding things through them. Nothing here knows
/// how it is called or stored. Every method throws `ChatError`; `unavailable` means that the same call may be repeated.
package struct Chat: Sendable {
    let users: any UserStoring
    let sessions: any SessionStoring
    let rooms: any RoomStoring
    let messages: any MessageStoring
    let passwords: any PasswordHashing
    let tokens: any TokenIssuing
    let clock: any WallClock

    package init(
        users: any UserStoring,
        sessions: any SessionStoring,
        rooms: any RoomStoring,
        messages: any MessageStoring,
        passwords: any PasswordHashing,
        tokens: any TokenIssuing,
        clock: any WallClock = SystemWallClock()
    ) {
        self.users = users
        self.sessions = sessions
        self.rooms = rooms
        self.messages = messages
        self.passwords = passwords
        self.tokens = tokens
        self.clock = clock
    }
}
