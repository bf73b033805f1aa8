extension Chat {
    /// A page of search results has at most this many messages.
    package static let searchLimitMax = 50
    /// Results on a page when the request does not say.
    package static let searchLimitDefault = 20

    /// Finds messages in the rooms of the person, or in one of them, the newest first. A `limit` outside 1…50 is taken
    /// as the nearest bound. Throws `invalid` or `tooLarge` with the field.
    package func search(
        _ query: String,
        in room: RoomID? = nil,
        cursor: String? = nil,
        limit: Int = searchLimitDefault,
        by identity: Identity
    ) async throws -> SearchPage {
        try Operation.searchMessages.authorize(identity)
        try limiter.count(.search, by: identity.user.id)
        return try await messages.search(
            SearchQuery(query),
            in: room,
            after: cursor.map(SearchCursor.init),
            limit: min(max(limit, 1), Self.searchLimitMax),
            for: identity.user.id
        )
    }
}
