import Domain
import SocketIO

extension Broadcasts {
    /// How a person is now, to those who watch them, on every instance.
    func presence(of user: UserID, _ state: PresenceState) {
        let news = PresenceNews(user: user.description, state: state)
        emit("presence:updated", news, to: namespace.to(.watchers(of: user)).volatile)
    }

    /// The same to those on this instance.
    func presenceHere(of user: UserID, _ state: PresenceState) {
        let news = PresenceNews(user: user.description, state: state)
        emit("presence:updated", news, to: namespace.to(.watchers(of: user)).volatile.local)
    }
}

private struct PresenceNews: Encodable {
    var user: String
    var state: PresenceState
}
