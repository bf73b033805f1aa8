#if canImport(FoundationEssentials)
    package import FoundationEssentials
#else
    package import Foundation
#endif

/// What time it is, for people and for expiry. It never orders anything: sequences do.
package protocol WallClock: Sendable {
    /// The present, in whole milliseconds, which is what is stored and shown.
    var now: Date { get }
}

/// The clock of this machine.
package struct SystemWallClock: WallClock {
    package init() {}

    package var now: Date { Date().wholeMilliseconds }
}

extension Date {
    /// The same moment without what is finer than a millisecond, so that a stored time equals the one that was given.
    package var wholeMilliseconds: Date {
        Date(timeIntervalSince1970: (timeIntervalSince1970 * 1000).rounded() / 1000)
    }
}
