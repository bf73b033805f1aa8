#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Messages that were found, the newest first.
package struct SearchPage: Sendable {
    package let results: [Result]
    /// Where the next page begins; nil at the end.
    package let next: SearchCursor?

    /// A message and the room in which it stands.
    package struct Result: Sendable {
        package let message: Message
        package let roomKind: Room.Kind
        /// Nil for a direct room.
        package let roomName: String?

        package init(message: Message, roomKind: Room.Kind, roomName: String?) {
            self.message = message
            self.roomKind = roomKind
            self.roomName = roomName
        }
    }

    package init(results: [Result], next: SearchCursor?) {
        self.results = results
        self.next = next
    }
}

/// A place in the results of a search. Opaque to clients, so that its form can change.
package struct SearchCursor: Hashable, Sendable, CustomStringConvertible {
    /// Ids sort by age, so the last one that was shown tells what comes next.
    package let lastShown: MessageID

    package init(lastShown: MessageID) { self.lastShown = lastShown }

    /// Throws `invalid`, field `cursor`.
    package init(_ text: String) throws {
        guard let bytes = Data(base64Encoded: text), let id = MessageID(bytes: bytes) else {
            throw ChatError.invalid(field: "cursor", message: "This is not a cursor of a search.")
        }
        lastShown = id
    }

    package var description: String { Data(lastShown.bytes).base64EncodedString() }
}
