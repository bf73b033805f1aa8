import Synchronization

/// How far a long command is, on the last line of the terminal; nothing where there is none.
final class ProgressBar: Sendable {
    /// A terminal need not be drawn more often.
    private static let interval = Duration.milliseconds(100)
    private static let cells = 24

    private let console: Console
    private let label: String
    private let drawnAt = Mutex<ContinuousClock.Instant?>(nil)

    init(_ console: Console, _ label: String) {
        self.console = console
        self.label = label
    }

    /// Shows that `done` of `total` is done.
    func show(_ done: Int, of total: Int, detail: String = "") {
        let isDue = drawnAt.withLock { last in
            let now = ContinuousClock.now
            guard last.map({ now - $0 >= Self.interval }) ?? true else { return false }
            last = now
            return true
        }
        guard isDue, console.decorates, !console.isQuiet else { return }
        console.draw("\r\u{1b}[K" + Self.line(label, done: done, total: total, detail: detail))
    }

    /// Takes the line away.
    func end() {
        let wasDrawn = drawnAt.withLock { $0 != nil }
        if wasDrawn, console.decorates, !console.isQuiet { console.draw("\r\u{1b}[K") }
    }

    static func line(_ label: String, done: Int, total: Int, detail: String) -> String {
        let part = total > 0 ? min(1, max(0, Double(done) / Double(total))) : 1
        let full = Int((part * Double(cells)).rounded(.down))
        let bar = String(repeating: "█", count: full) + String(repeating: "░", count: cells - full)
        return "\(label) \(bar) \(Int((part * 100).rounded(.down))) %" + (detail.isEmpty ? "" : "  \(detail)")
    }
}
