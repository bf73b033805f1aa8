import Foundation

/// Finds the programs that the supervisor starts.
enum Programs {
    /// The absolute path of a program in PATH, or in the folders for administrators' programs, which are often not in it.
    static func find(
        _ name: String,
        path: String = ProcessInfo.processInfo.environment["PATH"] ?? ""
    ) -> String? {
        let folders =
            path.split(separator: ":").map(String.init) + ["/usr/bin", "/bin", "/usr/sbin", "/sbin", "/usr/local/bin"]
        return folders.map { "\($0)/\(name)" }.first { access($0, X_OK) == 0 && $0.hasPrefix("/") }
    }

    /// The path of the running executable, links resolved.
    static var own: String {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink("/proc/self/exe", &buffer, buffer.count - 1)
        if count > 0 { return String(decoding: buffer[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self) }
        return URL(filePath: CommandLine.arguments[0]).resolvingSymlinksInPath().path(percentEncoded: false)
    }

    /// A file of the installation, such as `migrations` or `Public`: in the working directory, else in a folder above the
    /// executable (`.build/release/chatctl` lies three below the package).
    static func resource(_ name: String) -> String? {
        let manager = FileManager.default
        var folders = [manager.currentDirectoryPath]
        var folder = URL(filePath: own).deletingLastPathComponent()
        for _ in 0..<5 {
            folders.append(folder.path(percentEncoded: false))
            folders.append(folder.appending(path: "share/chat").path(percentEncoded: false))
            folder.deleteLastPathComponent()
        }
        return folders.map { "\($0.hasSuffix("/") ? String($0.dropLast()) : $0)/\(name)" }.first(
            where: manager.fileExists(atPath:)
        )
    }
}

extension Programs {
    /// How to call this program again, for hints: by its name if it is in PATH, else by its path.
    static var asTyped: String {
        let typed = ProcessInfo.processInfo.environment[Detaching.mark] ?? CommandLine.arguments[0]
        guard typed.contains("/") else { return typed }
        let here = FileManager.default.currentDirectoryPath + "/"
        return typed.hasPrefix(here) ? String(typed.dropFirst(here.count)) : typed
    }
}
