import Foundation

/// The folder that holds everything of one installation: `.chat/` unless told otherwise.
///
///     lock            held by the supervisor
///     state.json      what it runs
///     placement.json  where the private servers' files are, when not here
///     fleet.secret    authenticates relayed requests between instances
///     control.sock    takes requests of other chatctl commands
///     logs/           one file for each process
///     postgres/ redis/ run/
struct DataDirectory: Sendable {
    static let defaultName = ".chat"

    /// Absolute, without a slash at its end, links resolved.
    let path: String

    init(path: String) {
        var absolute = path.hasPrefix("/") ? path : "\(FileManager.default.currentDirectoryPath)/\(path)"
        absolute = (absolute as NSString).standardizingPath
        self.path = URL(filePath: absolute).resolvingSymlinksInPath().path(percentEncoded: false).trimmingSuffix("/")
    }

    /// The data directory that a command works on: the given one, else `.chat` here or in the nearest folder above.
    static func locate(_ given: String?, from folder: String = FileManager.default.currentDirectoryPath)
        -> DataDirectory
    {
        if let given { return DataDirectory(path: given) }
        var current = folder
        while !Files.isFolder("\(current)/\(defaultName)"), current != "/", !current.isEmpty {
            current = (current as NSString).deletingLastPathComponent
        }
        let found = Files.isFolder("\(current)/\(defaultName)") ? current : folder
        return DataDirectory(path: "\(found.trimmingSuffix("/"))/\(defaultName)")
    }

    var lock: String { "\(path)/lock" }
    var state: String { "\(path)/state.json" }
    var placement: String { "\(path)/placement.json" }
    var secret: String { "\(path)/fleet.secret" }
    var logs: String { "\(path)/logs" }

    /// The supervisor's socket: in the directory, or where sockets of long paths go.
    var door: String {
        let inside = "\(path)/control.sock"
        if inside.utf8.count <= Placement.socketPathBytesMax { return inside }
        let folder = Placement.sockets(
            storage: path,
            isRoot: SystemUser.isRoot,
            userID: geteuid(),
            runtimeDirectory: ProcessInfo.processInfo.environment["XDG_RUNTIME_DIR"]
        )
        return "\(folder)-\(geteuid()).control.sock"
    }

    /// The process id of the supervisor that works on this directory, if one does.
    func supervisor() throws(Failure) -> pid_t? { try FileLock.holder(path: lock) }

    /// Makes the directory. As root it can be passed through, not listed, by the user that PostgreSQL runs as.
    func prepare() throws(Failure) {
        try Files.makeFolder(path, mode: SystemUser.isRoot ? 0o711 : 0o700)
        try Files.makeFolder(logs, mode: 0o700)
    }

    /// The file with the fleet's secret, made on first use.
    func fleetSecretFile() throws(Failure) -> String {
        if Files.read(secret)?.isEmpty ?? true {
            var generator = SystemRandomNumberGenerator()
            let words = (0..<4).map { _ in String(generator.next(), radix: 16) }
            let text = words.map { String(repeating: "0", count: 16 - $0.count) + $0 }.joined()
            try Files.write(text + "\n", to: secret)
        }
        return secret
    }
}

extension String {
    fileprivate func trimmingSuffix(_ suffix: String) -> String {
        count > 1 && hasSuffix(suffix) ? String(dropLast(suffix.count)) : self
    }
}
