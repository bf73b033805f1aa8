import Foundation

/// Where a secret comes from that nobody types at a prompt.
enum SecretInput {
    /// - Throws: `Failure` (invalid) when there is no line.
    static func standardInput(_ what: String) throws(Failure) -> String {
        guard let line = readLine(strippingNewline: true) else {
            throw Failure(.invalid, "standard input is empty: there is no \(what) in it")
        }
        return line
    }

    /// - Throws: `Failure` (configuration) for a file that everybody can read.
    static func firstLine(of path: String) throws(Failure) -> String {
        var information = stat()
        guard stat(path, &information) == 0 else { throw Failure(.invalid, "there is no file \(path)") }
        // A pipe, as from <(pass show chat/alice), has no readers but us.
        if information.st_mode & S_IFMT == S_IFREG, information.st_mode & S_IROTH != 0 {
            throw Failure(.configuration, "everybody can read \(path)", hint: "chmod 600 \(path)")
        }
        guard let data = FileManager.default.contents(atPath: path) else { throw Files.cannot("read", path) }
        let line = data.prefix { $0 != UInt8(ascii: "\n") }
        return String(decoding: line.last == UInt8(ascii: "\r") ? line.dropLast() : line, as: UTF8.self)
    }
}
