import Domain
import Logging
import SocketIO

/// What is told to whom. Called after the commit, never before.
struct Broadcasts: Sendable {
    let namespace: Namespace
    let ledger: DeliveryLedger
    let recheck: SessionRecheck
    let logger: Logger

    /// A message or another entry of a room's sequence, to everybody who hears the room.
    func created(_ message: Message) {
        ledger.delivered(message.room, upTo: message.changedSeq)
        emit("message:created", MessageView(message), to: namespace.to(.room(message.room)))
    }

    /// A new room, to everybody: public rooms can be browsed.
    func created(_ summary: RoomSummary, by user: UserID) {
        hear(summary.id, [user], upTo: 0)
        emit("room:created", RoomAnswer(summary), to: namespace.all)
        let news = MembershipView(room: summary.id.description, user: user.description, seq: summary.room.lastSeq)
        emit("room:joined", news, to: namespace.to(.room(summary.id)))
    }

    func joined(_ receipt: JoinReceipt, by user: UserID) {
        guard let message = receipt.message else { return }
        hear(message.room, [user], upTo: message.changedSeq - 1)
        let news = MembershipView(room: message.room.description, user: user.description, seq: message.seq)
        emit("room:joined", news, to: namespace.to(.room(message.room), .user(user)))
        created(message)
    }

    func left(_ message: Message, by user: UserID) {
        let news = MembershipView(room: message.room.description, user: user.description, seq: message.seq)
        namespace.to(.user(user)).socketsLeave(.room(message.room))
        emit("room:left", news, to: namespace.to(.room(message.room), .user(user)))
        created(message)
    }

    /// A direct conversation: its people hear it from now on; nobody else learns of it.
    func opened(_ receipt: DirectReceipt) {
        guard receipt.created else { return }
        let summary = receipt.summary
        hear(summary.id, receipt.people, upTo: summary.room.lastSeq)
        for user in receipt.people {
            let news = MembershipView(room: summary.id.description, user: user.description, seq: summary.room.lastSeq)
            emit("room:joined", news, to: namespace.to(.user(user)))
        }
    }

    /// A read marker, to the person's other devices.
    func read(_ view: ReadView, by user: UserID) {
        emit("read:updated", view, to: namespace.to(.user(user)))
    }

    /// Entries that others should have brought, to the sockets of this instance only.
    func caughtUp(_ messages: [Message]) {
        for message in messages {
            ledger.delivered(message.room, upTo: message.changedSeq)
            emit("message:created", MessageView(message), to: namespace.to(.room(message.room)).local)
        }
    }

    private func hear(_ room: RoomID, _ people: [UserID], upTo seq: Int64) {
        namespace.all.to(people.map { .user($0) }).socketsJoin(.room(room))
        ledger.begin(room, at: seq)
    }

    func emit(_ event: String, _ view: some Encodable, to target: BroadcastOperator) {
        do {
            try target.emit(event, view)
        } catch {
            logger.error("cannot encode an event", metadata: ["event": "\(event)", "error": "\(error)"])
        }
    }
}
