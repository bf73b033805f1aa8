import Synchronization

/// Tells on standard error how a start goes on: one line for each step that is done, and on a terminal a last line that
/// says what is being waited for.
final class Progress: Sendable {
    private let console: Console
    private let waiting = Mutex<[String]>([])
    private let ready = Mutex(false)
    private let onLine: @Sendable (String) -> Void

    /// - Parameter onLine: also gets each line, for a log.
    init(_ console: Console, onLine: @escaping @Sendable (String) -> Void = { _ in }) {
        self.console = console
        self.onLine = onLine
    }

    /// Whether everything was up once.
    var isReady: Bool { ready.withLock { $0 } }

    func startIsDone() { ready.withLock { $0 = true } }

    /// Runs a step and says how long it took. With its result `body` gives what there is to tell of it, or an empty string.
    func step<Result>(_ name: String, _ body: () async throws -> (Result, String)) async throws -> Result {
        let clock = ContinuousClock()
        let startedAt = clock.now
        begin(name)
        do {
            let (result, detail) = try await body()
            end(name, detail: detail, took: clock.now - startedAt)
            return result
        } catch {
            end(name, detail: nil, took: .zero)
            throw error
        }
    }

    /// A line for the person, between the steps.
    func say(_ line: String) {
        onLine(line)
        guard !console.isQuiet else { return }
        waiting.withLock { waiting in
            // Also without a waiting line: the terminal may show ^C.
            if console.decorates { console.draw("\r\u{1b}[K") }
            console.note(line)
            draw(waiting)
        }
    }

    private func begin(_ name: String) {
        waiting.withLock { waiting in
            erase(waiting)
            waiting.append(name)
            draw(waiting)
        }
    }

    private func end(_ name: String, detail: String?, took: Duration) {
        waiting.withLock { waiting in
            erase(waiting)
            waiting.removeAll { $0 == name }
            if let detail {
                let padded = name + String(repeating: " ", count: max(0, 12 - name.count))
                let text = "\(padded) \(TimeText.step(took))" + (detail.isEmpty ? "" : "  \(console.dim(detail))")
                onLine("\(name) ready in \(TimeText.step(took))\(detail.isEmpty ? "" : ", \(detail)")")
                console.note(console.decorates ? "\(console.green("✓")) \(text)" : text)
            }
            draw(waiting)
        }
    }

    private func erase(_ waiting: [String]) {
        if console.decorates, !console.isQuiet, !waiting.isEmpty { console.draw("\r\u{1b}[K") }
    }

    private func draw(_ waiting: [String]) {
        if console.decorates, !console.isQuiet, !waiting.isEmpty {
            console.draw("  \(waiting.joined(separator: ", ")) …")
        }
    }
}
