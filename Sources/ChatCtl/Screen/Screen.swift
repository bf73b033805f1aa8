import Foundation
import Synchronization

/// A live screen on the terminal: drawn in place without flicker, and gone without a trace afterwards.
///
/// Uses the alternate screen, so that what was there before is there again. The terminal is restored when the body
/// returns or throws, on Ctrl-C, and when the process is asked to end.
final class Screen: Sendable {
    enum Key: Sendable, Equatable {
        case character(Character)
        case interrupt
    }

    struct Size: Sendable, Equatable {
        let columns: Int
        let rows: Int
    }

    private let before: Mutex<termios>
    private let keys: AsyncStream<Key>
    private let feed: AsyncStream<Key>.Continuation
    // Only kept alive, never touched again.
    nonisolated(unsafe) private var sources: [any DispatchSourceProtocol] = []

    /// Runs `body` with the screen.
    ///
    /// - Throws: `Failure` (usage) when standard input and output are no terminal, and what `body` throws.
    static func with(_ body: (Screen) async throws -> Void) async throws {
        guard isatty(STDIN_FILENO) == 1, isatty(STDOUT_FILENO) == 1 else {
            throw Failure(.usage, "a live screen needs a terminal", hint: "use --json or --once")
        }
        let screen = Screen()
        screen.enter()
        defer { screen.leave() }
        try await body(screen)
    }

    private init() {
        var settings = termios()
        tcgetattr(STDIN_FILENO, &settings)
        before = Mutex(settings)
        (keys, feed) = AsyncStream.makeStream(of: Key.self, bufferingPolicy: .bufferingNewest(16))
    }

    /// What was typed since the last call, waiting at most `patience` for the first key.
    func key(within patience: Duration) async -> Key? {
        await withTaskGroup(of: Key?.self) { group in
            group.addTask { [keys] in
                for await key in keys { return key }
                return nil
            }
            group.addTask {
                try? await Task.sleep(for: patience)
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
        }
    }

    var size: Size {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else {
            return Size(columns: 80, rows: 24)
        }
        return Size(columns: Int(size.ws_col), rows: Int(size.ws_row))
    }

    /// Shows these lines, cut to the screen, in one write: each line is written over the one that is there, so nothing
    /// is ever blank in between.
    func draw(_ lines: [String]) {
        let size = size
        let shown = lines.prefix(size.rows)
        var frame = "\u{1b}[?2026h\u{1b}[H"
        for (index, line) in shown.enumerated() {
            frame += "\(line)\u{1b}[K" + (index < shown.count - 1 ? "\r\n" : "")
        }
        frame += "\u{1b}[J\u{1b}[?2026l"
        Console.write(frame, to: STDOUT_FILENO)
    }

    private func enter() {
        var raw = before.withLock { $0 }
        raw.c_lflag &= ~tcflag_t(ECHO | ICANON | ISIG)
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &raw)
        Console.write("\u{1b}[?1049h\u{1b}[?25l", to: STDOUT_FILENO)
        let input = DispatchSource.makeReadSource(fileDescriptor: STDIN_FILENO, queue: .global())
        input.setEventHandler { [feed] in
            var byte: UInt8 = 0
            guard read(STDIN_FILENO, &byte, 1) == 1 else { return }
            feed.yield(byte == 0x03 ? .interrupt : .character(Character(Unicode.Scalar(byte))))
        }
        input.resume()
        sources.append(input)
        for number in [SIGTERM, SIGHUP] {
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { [self] in
                leave()
                _exit(128 + number)
            }
            source.resume()
            sources.append(source)
        }
    }

    private func leave() {
        Console.write("\u{1b}[?25h\u{1b}[?1049l", to: STDOUT_FILENO)
        before.withLock { settings in _ = tcsetattr(STDIN_FILENO, TCSAFLUSH, &settings) }
    }
}
