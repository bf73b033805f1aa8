import Domain
import Synchronization

/// How many uploads this instance takes in at the same time. Each is kept in memory until it is stored, so this and the
/// size of an image bound what they cost together.
final class UploadSlots: Sendable {
    static let uploadsMax = 8
    /// One person sends one image after the other, from a few devices.
    static let uploadsPerUserMax = 3
    /// When to come back for a slot.
    static let retryAfter = Duration.seconds(2)

    private let taken = Mutex<[UserID: Int]>([:])

    /// A slot, free again when nobody holds this.
    final class Permit: Sendable {
        private let slots: UploadSlots
        private let user: UserID

        fileprivate init(_ slots: UploadSlots, _ user: UserID) {
            self.slots = slots
            self.user = user
        }

        deinit { slots.free(user) }
    }

    /// Throws `rateLimited` when the person, or everybody together, uploads too much at once.
    func take(for user: UserID) throws -> Permit {
        let isFree = taken.withLock { taken in
            guard taken.values.reduce(0, +) < Self.uploadsMax, taken[user, default: 0] < Self.uploadsPerUserMax else {
                return false
            }
            taken[user, default: 0] += 1
            return true
        }
        guard isFree else { throw ChatError.rateLimited(retryAfter: Self.retryAfter) }
        return Permit(self, user)
    }

    private func free(_ user: UserID) {
        taken.withLock { taken in
            taken[user, default: 1] -= 1
            if taken[user] == 0 { taken[user] = nil }
        }
    }
}
