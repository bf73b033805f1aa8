import Domain
import Foundation
import Logging
import SocketIO
import Synchronization

/// Who is writing something in which room. Nothing is stored; what is lost is said again.
final class Typing: Sendable {
    /// A client takes the news as over after this time.
    static let lifetime = Duration.seconds(6)
    /// The same person in the same room is announced at most once in this time.
    static let interval = Duration.seconds(3)
    /// In a room with more members nobody is told.
    static let membersMax = 200
    /// How long the size of a room is taken as known.
    static let sizeLifetime = Duration.seconds(60)
    /// Entries that are remembered; beyond it all are forgotten, which costs a few repetitions.
    static let entriesMax = 20_000

    private let chat: Chat
    private let broadcasts: Broadcasts
    private let state = Mutex(State())

    private struct State {
        var announced: [Key: ContinuousClock.Instant] = [:]
        var isSmall: [RoomID: (value: Bool, until: ContinuousClock.Instant)] = [:]
    }

    private struct Key: Hashable {
        let room: RoomID
        let user: UserID
    }

    init(chat: Chat, broadcasts: Broadcasts) {
        self.chat = chat
        self.broadcasts = broadcasts
    }

    /// Tells the others in the room, unless they were told a moment ago. Throws `notFound`.
    func set(_ room: RoomID, by identity: Identity, over socket: Socket) async throws {
        // Whose socket hears the room is a member.
        guard socket.rooms.contains(.room(room)) else { throw ChatError.notFound }
        let now = ContinuousClock.now
        let user = identity.user.id
        let isDue = state.withLock { state in
            let key = Key(room: room, user: user)
            if let last = state.announced[key], now - last < Self.interval { return false }
            if state.announced.count >= Self.entriesMax { state.announced = [:] }
            state.announced[key] = now
            return true
        }
        guard isDue, try await isSmall(room, by: identity) else { return }
        broadcasts.typing(room, user, until: Date(timeIntervalSinceNow: Self.lifetime / .seconds(1)))
    }

    private func isSmall(_ room: RoomID, by identity: Identity) async throws -> Bool {
        let now = ContinuousClock.now
        if let known = state.withLock({ $0.isSmall[room] }), known.until > now { return known.value }
        let isSmall = try await chat.hasAtMost(Self.membersMax, in: room, by: identity)
        state.withLock { state in
            if state.isSmall.count >= Self.entriesMax { state.isSmall = [:] }
            state.isSmall[room] = (isSmall, now + Self.sizeLifetime)
        }
        return isSmall
    }
}
