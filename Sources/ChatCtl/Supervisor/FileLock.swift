import Foundation

/// An exclusive lock on a file (flock). The kernel releases it when the process ends, however it ends.
final class FileLock: Sendable {
    private let descriptor: Int32

    /// Takes the lock and writes the process id into the file.
    ///
    /// - Returns: nil when another process holds it.
    /// - Throws: `Failure` when the file cannot be opened.
    init?(path: String) throws(Failure) {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Self.cannotOpen(path) }
        // Whoever only looks whether the lock is held (`isHeld`) holds it for an instant: hence more than one attempt.
        for attempt in 0..<10 {
            if flock(descriptor, LOCK_EX | LOCK_NB) == 0 {
                ftruncate(descriptor, 0)
                let text = "\(getpid())\n"
                _ = pwrite(descriptor, text, text.utf8.count, 0)
                self.descriptor = descriptor
                return
            }
            if attempt < 9 { usleep(20_000) }
        }
        close(descriptor)
        return nil
    }

    deinit {
        // A child that another thread is about to start has a copy of the descriptor until it runs its program, and with
        // it the lock.
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }

    /// The id of the process that holds the lock, or nil when nobody does.
    static func holder(path: String) throws(Failure) -> pid_t? {
        let descriptor = open(path, O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw cannotOpen(path)
        }
        defer { close(descriptor) }
        guard flock(descriptor, LOCK_SH | LOCK_NB) != 0 else { return nil }
        var buffer = [UInt8](repeating: 0, count: 32)
        let count = pread(descriptor, &buffer, buffer.count, 0)
        let text = String(decoding: buffer[..<max(0, count)], as: UTF8.self)
        return pid_t(text.trimmingCharacters(in: .whitespacesAndNewlines))
    }

    private static func cannotOpen(_ path: String) -> Failure {
        let code = errno
        return Failure(
            code == EACCES || code == EPERM ? .notPermitted : .unavailable,
            "cannot open \(path): \(String(cString: strerror(code)))"
        )
    }
}
