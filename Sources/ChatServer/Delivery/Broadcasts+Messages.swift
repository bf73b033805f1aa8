import Domain
import SocketIO
import Views

extension Broadcasts {
    /// A message or another entry of a room's sequence, to everybody who hears the room.
    func created(_ message: Message) {
        emit("message:created", MessageView(message), to: namespace.to(.room(message.room)))
        bell.ring(for: message.room)
    }

    /// A new text of a message.
    func edited(_ receipt: ChangeReceipt) {
        guard receipt.changed else { return }
        emit("message:updated", MessageView(receipt.message), to: namespace.to(.room(receipt.message.room)))
        bell.ring(for: receipt.message.room)
    }

    /// What is left of a message.
    func deleted(_ receipt: ChangeReceipt) {
        guard receipt.changed else { return }
        emit("message:deleted", MessageView(receipt.message), to: namespace.to(.room(receipt.message.room)))
        bell.ring(for: receipt.message.room)
    }

    /// A reaction that came or went.
    func reacted(_ receipt: ReactionReceipt) {
        guard receipt.changed else { return }
        emit("reaction:updated", ReactionNews(receipt), to: namespace.to(.room(receipt.message.room)))
        bell.ring(for: receipt.message.room)
    }

    /// Entries that others should have brought, to the sockets of this instance only. Each is sent as it is now, so
    /// several changes of one message are one event.
    func caughtUp(_ room: RoomID, _ tail: RoomTail, passingOn: Bool) {
        let options = BroadcastOptions(rooms: [.room(room)], flags: .init(local: true))
        // Addressed to nobody: the entry moves the room on and is not heard.
        let unheard = BroadcastOptions(rooms: [.room(room)], except: [.room(room)], flags: .init(local: true))
        let entries = tail.messages.compactMap { message in
            encode(Self.name(of: message), MessageView(message)).map { event in
                HeldEntry(position: EntryPosition(message), event: event, options: passingOn ? options : unheard)
            }
        }
        sequencer.catchUp(room, with: entries, upTo: tail.to)
        for message in tail.messages where message.seq == message.changedSeq { tellPerson(of: message) }
    }

    /// Tells the sockets of this instance that more was said than they were told.
    func hint(_ room: RoomID, lastSeq: Int64) {
        emit("room:seq", RoomHint(room: room.description, last_seq: lastSeq), to: namespace.to(.room(room)).local)
    }

    private static func name(of message: Message) -> String {
        if message.deletedAt != nil { return "message:deleted" }
        return message.changedSeq == message.seq ? "message:created" : "message:updated"
    }

    /// Whom an entry lets in or out learns it by an event of their own, whether or not they hear the room.
    private func tellPerson(of message: Message) {
        let position = EntryPosition(message)
        if let user = position.admits {
            emit("room:joined", MembershipView(message, user), to: namespace.to(.user(user)).local)
        }
        if let user = position.removes {
            emit("room:left", MembershipView(message, user), to: namespace.to(.user(user)).local)
        }
    }
}
