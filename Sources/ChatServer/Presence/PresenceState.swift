/// Whether a person is there, as others see it.
enum PresenceState: String, Codable, Sendable {
    case online, away, offline
    /// Redis does not answer, so nobody knows.
    case unknown

    /// What a person is who is in these states on their sockets or instances: online anywhere is online.
    init(of parts: some Sequence<PresenceState>) {
        var state = PresenceState.offline
        for part in parts {
            if part == .online { state = .online }
            if part == .away, state == .offline { state = .away }
        }
        self = state
    }
}
