import NIOConcurrencyHelpers

/// Lets exactly one through.
final class Gate: Sendable {
    private let isOpen = NIOLockedValueBox(true)

    /// True for the first caller only.
    func pass() -> Bool {
        isOpen.withLockedValue { isOpen in
            defer { isOpen = false }
            return isOpen
        }
    }
}
