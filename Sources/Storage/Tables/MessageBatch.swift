import Domain

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Messages that are stored in one transaction, each judged for itself.
///
/// First round trip: the rows of the rooms are locked, in the order of their ids so that two instances cannot block
/// each other, and the facts for every message are read. They are read after the locks were taken, in statements of
/// their own: under READ COMMITTED these see what the holder before us committed. Second round trip: all rows, the
/// counters, COMMIT. Only what was stored before costs a round trip between the two.
struct MessageBatch {
    /// What became of one message.
    enum Outcome {
        case decided(Result<SendReceipt, any Error>)
        /// Someone else holds the room's row; only when locked rooms are skipped.
        case busy
    }

    let messages: [NewMessage]
    let skipsLockedRooms: Bool

    /// A batch that waits for the rooms' rows, or one that leaves out the messages of rooms that others hold.
    init(_ messages: [NewMessage], skippingLockedRooms: Bool = false) {
        self.messages = messages
        skipsLockedRooms = skippingLockedRooms
    }

    /// Stores what can be stored and returns an outcome for each message, in their order, once all are durable.
    func run(in transaction: Transaction) throws -> [Outcome] {
        let known = try transaction.run([lockRooms(), readFacts(), findQuoted(), findMentioned(), findAttachments()])
        var rooms = try Dictionary(uniqueKeysWithValues: known[0]!.decode(Self.decodeRoom))
        let facts = try known[1]!.decode(Self.decodeFact)
        guard facts.count == messages.count else { throw StorageError(.decoding, "a fact for each message") }
        let quoted = try Dictionary(uniqueKeysWithValues: known[2]?.decode(Self.decodeQuoted) ?? [])
        let mentioned = try Dictionary(grouping: known[3]?.decode(Self.decodeMentioned) ?? [], by: \.position)
        var uploads = UploadsAtHand(try known[4]?.decode(Self.decodeAttachment) ?? [])
        let earlier = try findEarlier(at: facts.indices.filter { facts[$0].isStored }, in: transaction)

        var stored: [Message] = []
        let outcomes = messages.indices.map { index -> Outcome in
            let message = messages[index]
            let room = rooms[message.draft.room]
            let attachments = uploads.find(message.draft.attachments, for: index)
            let verdict = Verdict(
                message,
                facts[index],
                room: room,
                earlier: earlier[index],
                quoted: quoted[index],
                hasAttachments: attachments != nil
            )
            switch verdict {
            case .refuse(let error): return .decided(.failure(error))
            case .alreadyStored(let first): return .decided(.success(SendReceipt(message: first, duplicate: true)))
            case .wait: return .busy
            case .store:
                uploads.take(message.draft.attachments)
                let row = rooms[message.draft.room]!.append(
                    message,
                    mentions: mentioned[index, default: []].map(\.user),
                    reply: quoted[index],
                    attachments: attachments ?? []
                )
                stored.append(row)
                return .decided(.success(SendReceipt(message: row, duplicate: false)))
            }
        }
        if stored.isEmpty {
            try transaction.rollBack()
        } else {
            var statements = [try insert(stored), count(rooms.values.filter(\.moved)), read(stored)]
            if let mentions = mention(stored) { statements.append(mentions) }
            if let attachments = attach(stored) { statements.append(attachments) }
            _ = try transaction.commit(after: statements)
        }
        return outcomes
    }

    /// The rows that were stored before under the same client ids.
    private func findEarlier(at indices: [Int], in transaction: Transaction) throws -> [Int: Earlier] {
        guard !indices.isEmpty else { return [:] }
        let rows = try transaction.run(readEarlier(at: indices))[0].decode(Self.decodeEarlier)
        guard rows.count == indices.count else { throw StorageError(.decoding, "a row for each that is stored") }
        return Dictionary(uniqueKeysWithValues: zip(indices, rows))
    }
}

/// What happens to one message.
enum Verdict {
    case store
    case alreadyStored(Message)
    case refuse(ChatError)
    /// The room is there, but its row could not be locked.
    case wait

    /// A retry is recognised before anything else: the sender may have left, and the room may have been archived, since
    /// the first time, and still it was stored.
    init(
        _ message: NewMessage,
        _ fact: MessageBatch.Fact,
        room: MessageBatch.LockedRoom?,
        earlier: MessageBatch.Earlier?,
        quoted: Quote?,
        hasAttachments: Bool
    ) {
        if let earlier {
            self = earlier.isSame ? .alreadyStored(earlier.message) : .refuse(.idempotencyMismatch)
        } else if !fact.isMember {
            self = .refuse(.notFound)
        } else if let room {
            self = Self(message, fact, in: room, quoted: quoted, hasAttachments: hasAttachments)
        } else {
            // Members are members of a room that exists.
            self = .wait
        }
    }

    private init(
        _ message: NewMessage,
        _ fact: MessageBatch.Fact,
        in room: MessageBatch.LockedRoom,
        quoted: Quote?,
        hasAttachments: Bool
    ) {
        if room.archived {
            self = .refuse(.archived)
        } else if let until = fact.mutedUntil, until > message.createdAt {
            self = .refuse(.forbidden)
        } else if message.draft.replyTo != nil, quoted == nil {
            self = .refuse(.invalid(field: "reply_to", message: "There is no such message in this room."))
        } else if !hasAttachments {
            self = .refuse(
                .invalid(field: "attachments", message: "An image is not yours, of another room, sent, or gone.")
            )
        } else {
            self = .store
        }
    }
}

extension MessageBatch {
    /// A room whose row is locked, and its counters as the batch moves them.
    struct LockedRoom {
        let id: RoomID
        let archived: Bool
        var lastSeq: Int64
        var messageCount: Int64
        var lastAt: Date?
        var moved: Bool { lastAt != nil }

        init(id: RoomID, archived: Bool, lastSeq: Int64, messageCount: Int64) {
            self.id = id
            self.archived = archived
            self.lastSeq = lastSeq
            self.messageCount = messageCount
        }

        /// Gives the message the next numbers.
        mutating func append(
            _ message: NewMessage,
            mentions: [UserID],
            reply: Quote?,
            attachments: [Attachment]
        ) -> Message {
            lastSeq += 1
            messageCount += 1
            lastAt = message.createdAt
            return Message(
                id: message.id,
                room: id,
                seq: lastSeq,
                n: messageCount,
                changedSeq: lastSeq,
                kind: .text,
                author: message.author,
                clientID: message.draft.clientID.description,
                body: message.draft.body.description,
                createdAt: message.createdAt,
                mentions: mentions,
                attachments: attachments,
                reply: reply
            )
        }
    }

    /// The images that messages of the batch may carry; the first message that is stored with one takes it.
    struct UploadsAtHand {
        private let found: [Int: [AttachmentID: Attachment]]
        private var taken: Set<AttachmentID> = []

        init(_ rows: [(position: Int, attachment: Attachment)]) {
            found = Dictionary(grouping: rows, by: \.position).mapValues { rows in
                Dictionary(rows.map { ($0.attachment.id, $0.attachment) }) { first, _ in first }
            }
        }

        /// All that a message names, in its order; nil when one is not there.
        func find(_ wanted: [AttachmentID], for position: Int) -> [Attachment]? {
            guard taken.isDisjoint(with: wanted) else { return nil }
            let attachments = wanted.compactMap { found[position]?[$0] }
            return attachments.count == wanted.count ? attachments : nil
        }

        mutating func take(_ sent: [AttachmentID]) { taken.formUnion(sent) }
    }

    /// What is known about one message.
    struct Fact {
        let isMember: Bool
        let mutedUntil: Date?
        /// Its author stored a message under this client id before.
        let isStored: Bool
    }

    /// The row that an author stored under a client id that comes again.
    struct Earlier {
        let message: Message
        /// The one that comes now says the same in the same place.
        let isSame: Bool
    }
}
