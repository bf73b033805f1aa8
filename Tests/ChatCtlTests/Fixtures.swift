import Foundation
import Testing

/// Texts that are kept in Tests/Fixtures/chatctl. With CHAT_WRITE_FIXTURES set they are written anew instead of compared;
/// `git diff` then shows what changed.
enum Fixtures {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent()
        .appending(path: "Fixtures/chatctl")

    private static let writes = ProcessInfo.processInfo.environment["CHAT_WRITE_FIXTURES"] != nil

    /// Compares a text with the one in the file of that name.
    static func expect(_ text: String, in name: String) throws {
        let file = folder.appending(path: name)
        if writes {
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(),
                withIntermediateDirectories: true
            )
            try text.write(to: file, atomically: true, encoding: .utf8)
            return
        }
        let kept = try? String(contentsOf: file, encoding: .utf8)
        #expect(
            text == kept,
            "differs from \(name); to keep it as it is now: CHAT_WRITE_FIXTURES=1 swift test"
        )
    }

    /// The names of the files in a folder.
    static func names(in name: String) throws -> Set<String> {
        Set(try FileManager.default.contentsOfDirectory(atPath: folder.appending(path: name).path))
    }
}
