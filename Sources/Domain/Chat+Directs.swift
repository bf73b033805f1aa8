extension Chat {
    /// A direct room has at most this many people, the acting person too.
    package static let directPeopleMax = 8

    /// The direct room of the person and `others`; the same set of people always gets the same room.
    ///
    /// Throws `invalid`, field `users`, for nobody else or too many, and `notFound` for people that do not exist.
    package func openDirect(with others: [UserID], by identity: Identity) async throws -> DirectReceipt {
        try Operation.openDirect.authorize(identity)
        try limiter.count(.join, by: identity.user.id)
        let people = Set(others).union([identity.user.id]).sorted()
        guard people.count >= 2 else {
            throw ChatError.invalid(field: "users", message: "Choose at least one other person.")
        }
        guard people.count <= Self.directPeopleMax else {
            throw ChatError.invalid(
                field: "users",
                message: "A direct conversation has at most \(Self.directPeopleMax) people."
            )
        }
        let now = clock.now
        return try await rooms.openDirect(people, by: identity.user.id, newID: .new(at: now), at: now)
    }
}
