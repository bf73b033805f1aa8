import Foundation

/// The folders of the private servers, found or made: files, sockets, and the user that owns them.
struct PrivateStorage: Sendable {
    let folder: String
    let sockets: String
    /// Who the servers run as; nil for the caller.
    let user: SystemUser?
    /// Held when the folder is outside of the data directory: a copied clone may point to the same one.
    private let lock: FileLock?

    var postgres: String { "\(folder)/postgres" }
    var redis: String { "\(folder)/redis" }
    var databaseURL: String { "postgresql:///chat?host=\(sockets)&user=chat" }
    var redisSocket: String { "\(sockets)/redis.sock" }
    var redisURL: String { "unix://\(redisSocket)" }

    /// Finds the storage of the data directory, or makes it. The caller holds the data directory's lock.
    static func open(_ data: DataDirectory) async throws(Failure) -> PrivateStorage {
        let recorded = try Self.recorded(data)
        let user = try serviceUser(cluster: "\(recorded ?? data.path)/postgres")
        var folder = data.path
        var lock: FileLock?
        if let recorded {
            folder = recorded
        } else if let user, await !canEnter(data.path, as: user) {
            folder = try await moveOut(data, user: user)
        }
        if folder != data.path {
            lock = try FileLock(path: "\(folder)/lock")
            guard lock != nil else {
                throw Failure(
                    .unavailable,
                    "the database in \(folder) is in use by another chatctl up",
                    hint: "this data directory may be a copy of another one: \(data.path)"
                )
            }
            try Files.write(data.path + "\n", to: owner(folder))
        }
        let sockets = Placement.sockets(
            storage: folder,
            isRoot: SystemUser.isRoot,
            userID: geteuid(),
            runtimeDirectory: ProcessInfo.processInfo.environment["XDG_RUNTIME_DIR"]
        )
        for path in ["\(folder)/redis", sockets] {
            try Files.makeFolder(path, mode: 0o700)
            // /tmp is everybody's: the folder may have been made by somebody else before us.
            guard let owner = Files.owner(of: path), owner == geteuid() || owner == user?.id, Files.isFolder(path)
            else {
                throw Failure(.notPermitted, "\(path) belongs to another user")
            }
            try Files.give(path, to: user)
            chmod(path, 0o700)
        }
        return PrivateStorage(folder: folder, sockets: sockets, user: user, lock: lock)
    }

    /// As root: whoever owns the cluster already, else `postgres`. PostgreSQL refuses to run as root.
    private static func serviceUser(cluster: String) throws(Failure) -> SystemUser? {
        guard SystemUser.isRoot else { return nil }
        if let owner = Files.owner(of: cluster), owner != 0, let user = SystemUser(id: owner) { return user }
        guard let user = SystemUser(named: "postgres") else {
            throw Failure(
                .unavailable,
                "PostgreSQL does not run as root, and there is no user named postgres",
                hint: "apt-get install postgresql, or run this as an ordinary user"
            )
        }
        return user
    }

    private static func recorded(_ data: DataDirectory) throws(Failure) -> String? {
        guard let text = Files.read(data.placement) else { return nil }
        guard let placement = try? JSONDecoder().decode(Placement.self, from: Data(text.utf8)) else {
            throw Failure(.configuration, "\(data.placement) is damaged")
        }
        guard let folder = placement.storage else { return nil }
        guard Files.isFolder(folder) else {
            throw Failure(
                .configuration,
                "the data of \(data.path) was in \(folder), and that is gone",
                hint: "bring it back, or start empty: rm \(data.placement)"
            )
        }
        return folder
    }

    /// Asks the kernel, as that user: permission bits, ACLs and mounts all count.
    private static func canEnter(_ path: String, as user: SystemUser) async -> Bool {
        let test = ProcessSpecification(
            name: "test",
            executable: "/usr/bin/test",
            arguments: ["-x", path],
            environment: [:],
            user: user
        )
        return (try? await ProcessSpawner.shared.run(test).status.isSuccess) ?? false
    }

    /// Chooses a folder that the service user can enter, and takes along a cluster that lies inside (the clone was moved).
    private static func moveOut(_ data: DataDirectory, user: SystemUser) async throws(Failure) -> String {
        var attempt = 0
        var folder = earlier(for: data) ?? Placement.outside(dataDirectory: data.path, attempt: 0)
        while isTaken(folder, for: data), attempt < 100 {
            attempt += 1
            folder = Placement.outside(dataDirectory: data.path, attempt: attempt)
        }
        try Files.makeFolder(folder, mode: 0o711)
        try Files.write(data.path + "\n", to: owner(folder))
        let inside = "\(data.path)/postgres"
        if Files.isFolder(inside), !Files.isFolder("\(folder)/postgres") {
            // mv copies where a rename is not possible; only the last step makes the copy count.
            let move = ProcessSpecification(
                name: "mv",
                executable: Programs.find("mv") ?? "/bin/mv",
                arguments: ["-T", "--", inside, "\(folder)/postgres.moving"],
                environment: [:]
            )
            let result = try await ProcessSpawner.shared.run(move)
            guard result.status.isSuccess, rename("\(folder)/postgres.moving", "\(folder)/postgres") == 0 else {
                throw Failure(.unavailable, "cannot move \(inside) to \(folder): \(result.lines.last ?? "")")
            }
        }
        try Files.write(JSONText.encode(Placement(storage: folder)) + "\n", to: data.placement)
        return folder
    }

    /// The folder that served a data directory at the same path before, when that was deleted with its clone.
    private static func earlier(for data: DataDirectory) -> String? {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: Placement.outsideParent)) ?? []
        return names.filter { $0.hasPrefix("chat-") }.map { "\(Placement.outsideParent)/\($0)" }.first { folder in
            Files.read(owner(folder))?.trimmingCharacters(in: .whitespacesAndNewlines) == data.path
        }
    }

    /// Whether the folder serves another data directory: one that exists and says so.
    private static func isTaken(_ folder: String, for data: DataDirectory) -> Bool {
        guard let owner = Files.read(owner(folder))?.trimmingCharacters(in: .whitespacesAndNewlines),
            owner != data.path,
            let text = Files.read(DataDirectory(path: owner).placement),
            let placement = try? JSONDecoder().decode(Placement.self, from: Data(text.utf8))
        else { return false }
        return placement.storage == folder
    }

    private static func owner(_ folder: String) -> String { "\(folder)/data-directory" }
}
