import Foundation

/// Reads what children write and hands it on line by line.
///
/// All pipes share one serial queue: handlers run in order and never at the same time, and a child blocks only when its
/// pipe (64 KiB) is full because the queue is busy writing logs.
enum OutputPump {
    /// A longer line is handed on in pieces.
    static let lineBytesMax = 1024 * 1024

    struct Pipe: Sendable {
        let readEnd: Int32
        let writeEnd: Int32

        /// Both ends are closed in children; call it on the spawner's thread only, because between the two calls they
        /// are not (pipe2 is hidden from Swift).
        init(for name: String) throws(Failure) {
            var ends: [Int32] = [-1, -1]
            guard pipe(&ends) == 0 else {
                throw Failure(.unavailable, "cannot make a pipe for \(name): \(String(cString: strerror(errno)))")
            }
            for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
            (readEnd, writeEnd) = (ends[0], ends[1])
        }
    }

    private static let queue = DispatchQueue(label: "chatctl.output")

    /// Takes over the reading ends and closes them.
    static func start(
        _ pipes: [(pipe: Pipe, onLine: @Sendable (String) -> Void)],
        onClose: @escaping @Sendable () -> Void
    ) {
        let group = DispatchGroup()
        for (pipe, onLine) in pipes {
            _ = fcntl(pipe.readEnd, F_SETFL, O_NONBLOCK)
            let source = DispatchSource.makeReadSource(fileDescriptor: pipe.readEnd, queue: queue)
            let lines = LineBuffer(onLine: onLine)
            group.enter()
            source.setEventHandler {
                if !lines.fill(from: pipe.readEnd) { source.cancel() }
            }
            source.setCancelHandler {
                lines.finish()
                close(pipe.readEnd)
                group.leave()
            }
            source.resume()
        }
        group.notify(queue: queue, execute: onClose)
    }
}

/// Bytes of one pipe, cut at the newlines. Used on the output queue only.
private final class LineBuffer: @unchecked Sendable {
    private var pending: [UInt8] = []
    private let onLine: @Sendable (String) -> Void

    init(onLine: @escaping @Sendable (String) -> Void) { self.onLine = onLine }

    /// False at the end of the stream.
    func fill(from descriptor: Int32) -> Bool {
        var chunk = [UInt8](repeating: 0, count: 16 * 1024)
        while true {
            let count = read(descriptor, &chunk, chunk.count)
            if count > 0 {
                take(chunk[..<count])
            } else if count == 0 {
                return false
            } else if errno != EINTR {
                return errno == EAGAIN
            }
        }
    }

    func finish() {
        if !pending.isEmpty { emit() }
    }

    private func take(_ bytes: ArraySlice<UInt8>) {
        for byte in bytes {
            if byte == UInt8(ascii: "\n") {
                emit()
            } else {
                pending.append(byte)
                if pending.count == OutputPump.lineBytesMax { emit() }
            }
        }
    }

    private func emit() {
        onLine(String(decoding: pending, as: UTF8.self))
        pending.removeAll(keepingCapacity: true)
    }
}
