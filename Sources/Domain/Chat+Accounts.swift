#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension AuditEntry.Action {
    package static let userAdd = Self("user.add")
    package static let userRename = Self("user.rename")
    package static let userDisplayName = Self("user.display_name")
    package static let userRole = Self("user.role")
    package static let userDisable = Self("user.disable")
    package static let userEnable = Self("user.enable")
    package static let userDelete = Self("user.delete")
}

extension Chat {
    /// Adds an account, which joins the default rooms. For admins and the owner of the machine.
    ///
    /// An empty display name becomes the name. An account without a password cannot be logged in to until it gets one;
    /// a bot never has one. Throws `forbidden`, `invalid` or `conflict` with the field.
    package func addUser(
        name: String,
        displayName: String? = nil,
        password: String?,
        role: User.Role = .member,
        by actor: Actor
    ) async throws -> User {
        let draft = AccountDraft(name: name, displayName: displayName, password: password, role: role)
        return try await addUsers([draft], by: actor)[0].user
    }

    /// Accounts that can be added together, at most.
    package static let accountsAtOnceMax = 1_000

    /// Adds accounts, all or none, as `addUser` does; each joins its own rooms too. `progress` hears how many passwords
    /// are hashed, which is what takes the time.
    ///
    /// Throws as `addUser`, and `notFound` or `archived` for a room, `tooLarge` for too many.
    package func addUsers(
        _ drafts: [AccountDraft],
        by actor: Actor,
        progress: @Sendable (Int) -> Void = { _ in }
    ) async throws -> [AddedAccount] {
        try Operation.addUser.authorize(actor)
        guard drafts.count <= Self.accountsAtOnceMax else {
            throw ChatError.tooLarge(
                field: "users",
                message: "At most \(Self.accountsAtOnceMax) accounts are added together."
            )
        }
        var accounts: [NewAccount] = []
        for draft in drafts {
            guard draft.role != .bot || draft.password == nil else { throw Self.botPassword }
            let user = try await newUser(
                name: draft.name,
                displayName: draft.displayName,
                password: draft.password,
                role: draft.role
            )
            let subject = AuditEntry.Subject.user(user.id, name: user.name.description)
            let detail = ["role": draft.role.rawValue]
            let entry = AuditEntry(.userAdd, of: subject, by: actor, at: user.createdAt, detail: detail)
            accounts.append(NewAccount(user: user, rooms: draft.rooms, entry: entry))
            progress(accounts.count)
        }
        return try await users.insert(accounts, by: actor)
    }

    /// Every account, by name.
    package func users(by actor: Actor) async throws -> [User] {
        try Operation.listUsers.authorize(actor)
        return try await users.list()
    }

    /// One account, also a deleted one, which has written messages. Throws `notFound`.
    package func user(_ id: UserID, by actor: Actor) async throws -> User {
        try Operation.showUser.authorize(actor)
        guard let user = try await users.find(id) else { throw ChatError.notFound }
        return user
    }

    /// Changes an account. For admins and the owner of the machine.
    ///
    /// Throws `forbidden`, `notFound`, `invalid`, and `conflict`: field `name` for a name that is taken, field `role`
    /// when a person would leave the chat without an admin who can log in.
    package func updateUser(_ id: UserID, _ change: UserChange, by actor: Actor) async throws -> UserUpdate {
        try Operation.updateUser.authorize(actor)
        try Self.refuseReserved(change.name)
        return try await users.update(id, change, by: actor, at: clock.now)
    }

    /// Changes how oneself is shown. Throws `invalid`.
    package func setDisplayName(_ text: String, by identity: Identity) async throws -> User {
        try Operation.updateOwnProfile.authorize(identity)
        let change = UserChange(displayName: try DisplayName(text))
        return try await users.update(identity.user.id, change, by: .person(identity), at: clock.now).after
    }

    /// Deletes an account. Its messages stay with an author who is shown as deleted, its direct rooms stay with their
    /// people, and its name is free. For admins and the owner of the machine. Throws as `updateUser`.
    package func deleteUser(_ id: UserID, by actor: Actor) async throws -> UserDeletion {
        try Operation.deleteUser.authorize(actor)
        return try await users.delete(id, by: actor, at: clock.now)
    }

    func newUser(name: String, displayName: String?, password: String?, role: User.Role) async throws -> NewUser {
        let name = try UserName(name)
        try Self.refuseReserved(name)
        let shown = if let displayName, !displayName.isEmpty { displayName } else { name.description }
        let displayName = try DisplayName(shown)
        let password = try password.map { try Password($0) }
        let hash: String? = if let password { try await passwords.hash(password.secret) } else { nil }
        let now = clock.now
        return NewUser(
            id: .new(at: now),
            name: name,
            displayName: displayName,
            role: role,
            passwordHash: hash,
            createdAt: now
        )
    }

    static let botPassword = ChatError.invalid(field: "password", message: "A bot has no password; give it a token.")

    private static func refuseReserved(_ name: UserName?) throws {
        guard let name, name.description.hasPrefix(User.deletedNamePrefix) else { return }
        throw ChatError.invalid(field: "name", message: "Names of deleted accounts begin like this; choose another.")
    }
}
