import Foundation
import Synchronization

/// A log of one process: lines go to a file that is rotated by size, the last few stay in memory for error messages.
final class LogFile: Sendable {
    static let fileBytesMax = 10 * 1024 * 1024
    /// `i-1.log`, `i-1.log.1` … `i-1.log.4`
    static let filesMax = 5
    static let tailLines = 20

    private struct State: ~Copyable {
        var descriptor: Int32 = -1
        var bytes = 0
        var tail: [String] = []
    }

    private let path: String
    private let bytesMax: Int
    private let state = Mutex(State())

    init(path: String, bytesMax: Int = LogFile.fileBytesMax) {
        self.path = path
        self.bytesMax = bytesMax
    }

    deinit { state.withLock { state in if state.descriptor >= 0 { close(state.descriptor) } } }

    /// Appends a line. A full disk must not stop the chat, so errors are ignored.
    func append(_ line: String) {
        let bytes = Array((line + "\n").utf8)
        state.withLock { state in
            state.tail.append(line)
            if state.tail.count > Self.tailLines { state.tail.removeFirst() }
            if state.descriptor >= 0, state.bytes + bytes.count > bytesMax {
                close(state.descriptor)
                state.descriptor = -1
                rotate()
            }
            if state.descriptor < 0 {
                state.descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
                state.bytes = max(0, Int(lseek(state.descriptor, 0, SEEK_END)))
            }
            if write(state.descriptor, bytes, bytes.count) > 0 { state.bytes += bytes.count }
        }
    }

    /// The last lines of this run.
    var tail: [String] { state.withLock { $0.tail } }

    private func rotate() {
        for index in stride(from: Self.filesMax - 2, through: 0, by: -1) {
            rename(index == 0 ? path : "\(path).\(index)", "\(path).\(index + 1)")
        }
    }
}
