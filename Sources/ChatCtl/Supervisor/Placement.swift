import Foundation

/// Where the private servers keep their files and sockets.
///
/// Normally inside the data directory. Two things can forbid that: PostgreSQL refuses to run as root and its user cannot
/// enter the data directory (a clone under /root), and the address of a Unix socket holds at most 107 bytes. Then the files
/// or the sockets are elsewhere, and a record in the data directory says where.
struct Placement: Codable, Sendable, Equatable {
    /// sockaddr_un.sun_path has 108 bytes, the last one is a NUL (unix(7)).
    static let socketPathBytesMax = 107
    /// PostgreSQL's lock file is the longest name in the folder of the sockets.
    static let longestSocketName = ".s.PGSQL.5432.lock"

    /// The folder with `postgres` and `redis` in it; nil means the data directory itself.
    var storage: String?

    /// Whether sockets can be in this folder. Only plain characters: the paths become part of URLs and conninfo strings.
    static func fitsSockets(_ folder: String) -> Bool {
        folder.utf8.count + 1 + longestSocketName.utf8.count <= socketPathBytesMax
            && folder.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "/"), UInt8(ascii: "."), UInt8(ascii: "_"),
                    UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }

    /// The folder for the sockets: inside the storage if that can be, else a short one that is named after it.
    static func sockets(
        storage: String,
        isRoot: Bool,
        userID: uid_t,
        runtimeDirectory: String?
    ) -> String {
        let inside = "\(storage)/run"
        if fitsSockets(inside) { return inside }
        let name = "chat-\(digest(storage))"
        if isRoot { return "/run/\(name)" }
        if let runtimeDirectory, fitsSockets("\(runtimeDirectory)/\(name)") { return "\(runtimeDirectory)/\(name)" }
        return "/tmp/\(name)-\(userID)"
    }

    static let outsideParent = "/var/lib"

    /// The folder outside of the data directory, for the attempt of that number: the plain name first.
    static func outside(dataDirectory: String, attempt: Int) -> String {
        "\(outsideParent)/chat-\(digest(dataDirectory))" + (attempt == 0 ? "" : "-\(attempt + 1)")
    }

    /// Twelve hexadecimal digits that stand for a path (FNV-1a; only to tell paths apart, so it need not be secure).
    static func digest(_ path: String) -> String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in path.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        let text = String(hash, radix: 16)
        return String((String(repeating: "0", count: 16 - text.count) + text).suffix(12))
    }
}
