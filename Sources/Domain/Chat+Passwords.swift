extension AuditEntry.Action {
    package static let passwordChange = Self("user.password.change")
    package static let passwordReset = Self("user.password.reset")
}

/// What came of a person's new password.
package struct PasswordChange: Sendable {
    /// The new secret of the session that asked.
    package let secret: String
    /// The other logins, which are over.
    package let ended: [SessionID]

    package init(secret: String, ended: [SessionID]) {
        self.secret = secret
        self.ended = ended
    }
}

extension Chat {
    /// Changes one's own password. All other logins end, and the one that asks gets a new secret, so that whoever knew
    /// the old password or the old secret is out. Tokens stay: they can be revoked one by one.
    ///
    /// Throws `forbidden` for a token, `invalid`, field `current` or `password`, `rateLimited`, `unavailable`.
    package func changePassword(
        from current: String,
        to new: String,
        by identity: Identity
    ) async throws -> PasswordChange {
        try Operation.changePassword.authorize(identity)
        let password = try Password(new)
        guard let account = try await users.account(identity.user.id), let hash = account.passwordHash else {
            throw Self.botPassword
        }
        // Someone who found an open browser must not be able to guess here what the login would not let them guess.
        let attempt = try throttle.begin(account: account.user.name, address: identity.address)
        guard try await verify(current, against: hash, attempt) else {
            throw ChatError.invalid(field: "current", message: "The present password is wrong.")
        }
        attempt.takeBack()
        let token = tokens.newToken()
        let ended = try await users.setPassword(
            hash: try await passwords.hash(password.secret),
            of: account.user.id,
            keeping: (identity.session, token.hash),
            entry: AuditEntry(
                .passwordChange,
                of: .user(account.user.id, name: account.user.name),
                by: .person(identity),
                at: clock.now
            )
        )
        return PasswordChange(secret: token.secret, ended: ended)
    }

    /// Sets somebody's password and ends all their logins; gives these. For admins and the owner of the machine.
    ///
    /// Throws `forbidden`, `notFound`, `invalid`, field `password`.
    package func resetPassword(of id: UserID, to new: String, by actor: Actor) async throws -> [SessionID] {
        try Operation.resetPassword.authorize(actor)
        let password = try Password(new)
        guard let account = try await users.account(id) else { throw ChatError.notFound }
        guard account.user.role != .bot else { throw Self.botPassword }
        return try await users.setPassword(
            hash: try await passwords.hash(password.secret),
            of: id,
            keeping: nil,
            entry: AuditEntry(.passwordReset, of: .user(id, name: account.user.name), by: actor, at: clock.now)
        )
    }

    /// Checks a password, and takes the attempt back when it could not be checked.
    func verify(_ password: String, against hash: String, _ attempt: LoginThrottle.Attempt) async throws -> Bool {
        // A password over the limit was never set by anybody; hashing megabytes would be a gift to an attacker.
        let candidate = password.utf8.count <= Password.bytesMax ? password : ""
        do {
            return try await passwords.verify(candidate, against: hash)
        } catch {
            attempt.takeBack()
            throw error
        }
    }
}
