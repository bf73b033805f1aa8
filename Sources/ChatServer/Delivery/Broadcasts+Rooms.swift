import Domain
import Foundation
import SocketIO
import Views

extension Broadcasts {
    /// A new room: everybody learns of a public one, since it can be browsed; of a private one only its people.
    func made(_ receipt: RoomReceipt) {
        let room = receipt.summary.room
        if room.kind == .public { emit("room:created", RoomAnswer(public: room), to: namespace.all) }
        if receipt.summary.joined, let created = receipt.entries.first, let owner = created.author {
            emit("room:joined", MembershipView(created, owner, role: .owner), to: namespace.to(.user(owner)))
        }
        entered(receipt.entries)
    }

    /// A direct conversation: its people hear it from now on; nobody else learns of it.
    func opened(_ receipt: DirectReceipt) {
        guard let entry = receipt.entry else { return }
        for user in receipt.people {
            emit("room:joined", MembershipView(entry, user, role: .member), to: namespace.to(.user(user)))
        }
        created(entry)
    }

    func joined(_ receipt: JoinReceipt) {
        if let entry = receipt.message { entered([entry]) }
    }

    /// Entries of a room in their order. Whom one lets in or out learns it too: the sockets of a person who comes in
    /// hear the room by the time the entry is passed on, and those of one who goes hear nothing after it.
    func entered(_ entries: [Message]) {
        for entry in entries {
            let position = EntryPosition(entry)
            if let user = position.admits {
                let news = MembershipView(entry, user, role: .member)
                emit("room:joined", news, to: namespace.to(.room(entry.room), .user(user)))
            }
            created(entry)
            if let user = position.removes {
                emit("room:left", MembershipView(entry, user), to: namespace.to(.room(entry.room), .user(user)))
            }
        }
    }

    /// The news of an admission, to the person's sockets on this instance.
    func admitted(_ admission: Admission) {
        guard let news = encode("room:joined", MembershipView(admission)) else { return }
        namespace.local.broadcast(news, options: BroadcastOptions(rooms: [.user(admission.user)]))
    }

    /// A new name, topic or default, to those who can see the room.
    func updated(_ receipt: RoomReceipt) {
        entered(receipt.entries)
        emit("room:updated", RoomAnswer(public: receipt.summary.room), to: audience(of: receipt.summary.room))
    }

    /// A room that was closed, or opened again.
    func archived(_ receipt: RoomReceipt) {
        guard !receipt.entries.isEmpty else { return }
        entered(receipt.entries)
        let room = receipt.summary.room
        let event = room.archivedAt == nil ? "room:updated" : "room:archived"
        emit(event, RoomAnswer(public: room), to: audience(of: room))
    }

    /// What a member may do now.
    func changed(_ receipt: MemberReceipt) {
        if let entry = receipt.message { created(entry) }
        emit("member:updated", MemberNews(receipt), to: namespace.to(.room(receipt.room), .user(receipt.user)))
    }

    /// Who is writing, to the others in the room.
    func typing(_ room: RoomID, _ user: UserID, until: Date) {
        let news = TypingNews(room: room.description, user: user.description, until: WireTime.format(until))
        emit("typing:updated", news, to: namespace.to(.room(room)).except(.user(user)).volatile)
    }

    private func audience(of room: Domain.Room) -> BroadcastOperator {
        room.kind == .public ? namespace.all : namespace.to(.room(room.id))
    }
}

private struct TypingNews: Encodable {
    var room: String
    var user: String
    var until: String
}
