import Domain
import SocketIO
import Views

extension Broadcasts {
    /// How somebody is shown or what they are, to everybody.
    func updated(_ user: User) {
        emit("user:updated", UserAnswer(user), to: namespace.all)
    }

    /// What an admin changed; sockets that stand for something else now are cut.
    func updated(_ update: UserUpdate) {
        if update.before != update.after { updated(update.after) }
        if update.after.disabledAt != nil {
            shutOut(update.after.id, .unauthenticated)
        } else if update.outdatesSockets {
            recheckEverywhere()
        }
    }

    /// Somebody is no more: they leave their rooms, and their sockets are cut.
    func deleted(_ deletion: UserDeletion) {
        shutOut(deletion.user.id, .unauthenticated)
        entered(deletion.left)
        updated(deletion.user)
    }

    /// The end of log-ins or tokens, to their sockets on every instance; then they are cut.
    func ended(_ sessions: [SessionID]) {
        guard !sessions.isEmpty else { return }
        cut(namespace.all.to(sessions.map { .session($0) }), .unauthenticated)
    }

    /// A ban: sockets of the user are cut, and those from the banned network are looked for by each instance.
    func banned(_ ban: Ban) {
        switch ban.subject {
        case .user(let id): shutOut(id, .banned(ban))
        case .address: recheckEverywhere()
        }
    }

    private func shutOut(_ user: UserID, _ error: ChatError) {
        cut(namespace.to(.user(user)), error)
    }

    private func cut(_ sockets: BroadcastOperator, _ error: ChatError) {
        emit("error:fatal", FatalView(error), to: sockets)
        sockets.disconnectSockets(closeTransport: true)
    }

    /// Has every instance compare its sockets with the database.
    private func recheckEverywhere() {
        recheck.request()
        // A name and nothing else, which always encodes.
        try? namespace.serverSideEmit(SessionRecheck.event)
    }
}

struct UserAnswer: Encodable, Sendable {
    var user: UserView

    init(_ user: User) { self.user = UserView(user) }
}
