/// One emoji under a message, and who chose it.
package struct Reaction: Hashable, Sendable {
    /// A message carries at most this many different emoji.
    package static let distinctMax = 20
    /// So many people are named; `count` counts them all.
    package static let usersMax = 30

    package let emoji: String
    package let count: Int64
    /// The first people who chose it, in order.
    package let users: [UserID]
    /// Whether the person who asked is among them; false where nobody asked.
    package let mine: Bool

    package init(emoji: String, count: Int64, users: [UserID], mine: Bool = false) {
        self.emoji = emoji
        self.count = count
        self.users = users
        self.mine = mine
    }
}

/// A reaction that was added or taken back.
package struct ReactionReceipt: Hashable, Sendable {
    package let message: Message
    package let user: UserID
    package let emoji: Emoji
    package let added: Bool
    /// False when it was so already: it took no number, and nobody needs to be told.
    package let changed: Bool

    package init(message: Message, user: UserID, emoji: Emoji, added: Bool, changed: Bool) {
        self.message = message
        self.user = user
        self.emoji = emoji
        self.added = added
        self.changed = changed
    }
}
