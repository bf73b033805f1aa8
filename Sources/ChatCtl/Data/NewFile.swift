import Foundation

/// A file that is written once, which nobody else can read, or standard output for `-`.
struct NewFile: Sendable {
    let path: String
    private let descriptor: Int32

    /// - Throws: `Failure` (exists) when there is such a file.
    init(_ path: String) throws(Failure) {
        self.path = path
        descriptor = path == "-" ? STDOUT_FILENO : open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            if errno == EEXIST { throw Failure(.exists, "\(path) exists") }
            throw Files.cannot("write", path)
        }
    }

    var isStandardOutput: Bool { path == "-" }

    func write(_ text: String) { Console.write(text, to: descriptor) }

    /// - Throws: `Failure` when it is not on the disk.
    func finish() throws(Failure) {
        guard !isStandardOutput else { return }
        let isKept = fsync(descriptor) == 0
        guard close(descriptor) == 0, isKept else { throw Files.cannot("write", path) }
    }

    /// Half a file is none.
    func discard() {
        guard !isStandardOutput else { return }
        unlink(path)
    }
}
