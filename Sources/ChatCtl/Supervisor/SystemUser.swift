import Foundation

/// A user of the operating system.
struct SystemUser: Sendable, Equatable {
    let name: String
    let id: uid_t
    let groupID: gid_t

    init(name: String, id: uid_t, groupID: gid_t) {
        self.name = name
        self.id = id
        self.groupID = groupID
    }

    /// The user of that name, or nil if there is none.
    init?(named name: String) {
        guard let entry = getpwnam(name) else { return nil }
        self.init(name: name, id: entry.pointee.pw_uid, groupID: entry.pointee.pw_gid)
    }

    /// The user with that id, or nil if there is none.
    init?(id: uid_t) {
        guard let entry = getpwuid(id) else { return nil }
        self.init(name: String(cString: entry.pointee.pw_name), id: id, groupID: entry.pointee.pw_gid)
    }

    static var isRoot: Bool { geteuid() == 0 }

    /// The name of whoever runs the command; through sudo, of whoever called sudo.
    static var caller: String {
        let environment = ProcessInfo.processInfo.environment
        if isRoot, let name = environment["SUDO_USER"], !name.isEmpty { return name }
        return SystemUser(id: geteuid())?.name ?? "uid-\(geteuid())"
    }
}
