import Foundation
import ServerSettings

/// A `.env` file whose lines are changed one by one: comments, order and whatever else is in it stay as they are.
struct SettingsFile: Sendable {
    private var lines: [Substring]

    init(text: String) {
        lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        // What stands after the last newline.
        if lines.last == "" { lines.removeLast() }
    }

    var text: String { lines.map { $0 + "\n" }.joined() }

    /// Gives a setting its value: where it stands, else after the comment that shows it, else at the end.
    mutating func set(_ setting: Setting, to value: String) {
        let line = Substring("\(setting.rawValue)=\(value)")
        // Of several lines the last one counts.
        if let index = lines.lastIndex(where: { Self.name(in: $0) == setting.rawValue }) {
            lines[index] = line
        } else if let index = lines.lastIndex(where: { Self.name(in: $0.uncommented) == setting.rawValue }) {
            lines.insert(line, at: index + 1)
        } else {
            lines.append(line)
        }
    }

    private static func name(in line: Substring) -> String? {
        guard let end = line.firstIndex(of: "=") else { return nil }
        let name = line[..<end].trimmingCharacters(in: .whitespaces)
        return name.isEmpty || name.hasPrefix("#") ? nil : name
    }
}

extension SettingsFile {
    /// Changes a file, at once for whoever reads it. Owner and permissions stay; a new file is for its owner only.
    ///
    /// - Parameter holdsSecret: Takes the file away from those who are neither its owner nor of its group.
    static func change(_ path: String, holdsSecret: Bool, _ body: (inout SettingsFile) -> Void) throws(Failure) {
        // A link stays one.
        let path =
            realpath(path, nil).map { resolved in
                defer { free(resolved) }
                return String(cString: resolved)
            } ?? path
        var information = stat()
        let exists = stat(path, &information) == 0
        guard let before = exists ? Files.read(path) : "" else { throw Files.cannot("read", path) }
        var file = SettingsFile(text: before)
        body(&file)
        let owner = exists ? (user: information.st_uid, group: information.st_gid) : nil
        let mode = exists ? information.st_mode & 0o777 : 0o600
        try Files.write(file.text, to: path, mode: holdsSecret ? mode & 0o770 : mode, owner: owner)
    }

    /// Whoever can read a password in the file has the database.
    static func refuseExposedPasswords(in path: String) throws(Failure) {
        var information = stat()
        guard stat(path, &information) == 0, information.st_mode & S_IROTH != 0, let text = Files.read(path) else {
            return
        }
        let exposes = text.split(separator: "\n").contains { line in
            let line = line.trimmingCharacters(in: .whitespaces)
            return !line.hasPrefix("#")
                && (line.contains(/:\/\/[^\/@\s]*:[^\/@\s]+@/) || line.contains(/password\s*=\s*\S/))
        }
        if exposes {
            throw Failure(
                .configuration,
                "\(path) holds a password and everybody can read it",
                hint: "chmod 600 \(path)"
            )
        }
    }
}

extension Substring {
    /// The line without the sign that makes it a comment.
    fileprivate var uncommented: Substring { drop { $0 == "#" || $0 == " " } }
}
