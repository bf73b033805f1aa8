import Synchronization

/// Lets exactly one through.
final class Gate: Sendable {
    private let isOpen = Mutex(true)

    /// True for the first caller only.
    func pass() -> Bool {
        isOpen.withLock { isOpen in
            defer { isOpen = false }
            return isOpen
        }
    }
}
