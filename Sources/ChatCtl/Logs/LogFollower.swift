import Foundation

/// Reads log files from a place on, over their rotation.
struct LogFollower {
    let source: String
    let path: String
    private var handle: FileHandle?
    private var inode: UInt64 = 0
    private var rest = Data()

    init(source: String, path: String) {
        self.source = source
        self.path = path
    }

    /// Everything that is in the rotated files and in the current one, oldest first.
    mutating func readAll() -> [LogLine] {
        let older = (1..<LogFile.filesMax).reversed().flatMap { number in
            Self.lines(FileManager.default.contents(atPath: "\(path).\(number)") ?? Data(), source)
        }
        return older + readNew()
    }

    /// What was added since the last call.
    mutating func readNew() -> [LogLine] {
        var lines: [LogLine] = []
        if let handle {
            lines += take(handle)
            // Rotated: the old file has been read to its end, the new one begins.
            if Self.inode(path) != inode {
                try? handle.close()
                self.handle = nil
            }
        }
        if handle == nil, let opened = FileHandle(forReadingAtPath: path) {
            inode = Self.inode(path)
            handle = opened
            lines += take(opened)
        }
        return lines
    }

    private mutating func take(_ handle: FileHandle) -> [LogLine] {
        guard let data = try? handle.readToEnd(), !data.isEmpty else { return [] }
        rest.append(data)
        guard let end = rest.lastIndex(of: UInt8(ascii: "\n")) else { return [] }
        let complete = rest[...end]
        rest = Data(rest[rest.index(after: end)...])
        return Self.lines(Data(complete), source)
    }

    private static func lines(_ data: Data, _ source: String) -> [LogLine] {
        String(decoding: data, as: UTF8.self).split(separator: "\n").map { LogLine(String($0), from: source) }
    }

    private static func inode(_ path: String) -> UInt64 {
        var information = stat()
        return stat(path, &information) == 0 ? UInt64(information.st_ino) : 0
    }
}
