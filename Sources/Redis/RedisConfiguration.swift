internal import Foundation

/// Where Redis is and how to log in there.
public struct RedisConfiguration: Sendable, Hashable {
    /// How the server is reached.
    public enum Address: Sendable, Hashable {
        /// A host name or IP address, and a port.
        case tcp(host: String, port: Int)
        /// The path of a Unix socket.
        case unix(path: String)
    }

    /// Encrypts the connection; the server has to prove that it is the host that was asked for.
    public struct TLS: Sendable, Hashable {
        /// A file of PEM certificates that are trusted instead of the system's.
        public var certificateAuthorityFile: String?

        /// Trusts the system's authorities, or only those in a file.
        public init(certificateAuthorityFile: String? = nil) {
            self.certificateAuthorityFile = certificateAuthorityFile
        }
    }

    /// How the server is reached.
    public var address: Address
    /// Nil sends everything in the clear.
    public var tls: TLS?
    /// The ACL user; nil is Redis' `default` user.
    public var username: String?
    /// The password; nil sends no AUTH.
    public var password: String?
    /// The number of the database. Pub/sub channels are the same in all of them.
    public var database: Int

    /// Describes a server.
    public init(
        address: Address,
        tls: TLS? = nil,
        username: String? = nil,
        password: String? = nil,
        database: Int = 0
    ) {
        self.address = address
        self.tls = tls
        self.username = username
        self.password = password
        self.database = database
    }

    /// Reads `redis://[user:password@]host[:port][/db]`, the same as `rediss://` for TLS, with `?ca=/path/to.pem` for an
    /// authority of one's own, or `unix:///path/to.sock[?db=N]`.
    ///
    /// - Throws: `RedisError.invalidURL` that says which part is wrong and never repeats the password.
    public init(url: String) throws {
        guard let parts = URLComponents(string: url), let scheme = parts.scheme?.lowercased() else {
            throw RedisError.invalidURL("it is not a URL of the form redis://host:port/db or unix:///path")
        }
        switch scheme {
        case "redis": try self.init(redis: parts)
        case "unix": try self.init(unix: parts)
        case "rediss":
            try self.init(redis: parts)
            tls = TLS(certificateAuthorityFile: parts.queryItems?.last { $0.name == "ca" }?.value)
        default: throw RedisError.invalidURL("the scheme \"\(scheme)\" is none of redis, rediss and unix")
        }
    }

    private init(redis parts: URLComponents) throws {
        guard let host = parts.host, !host.isEmpty else { throw RedisError.invalidURL("the host is missing") }
        let port = parts.port ?? 6379
        guard (1...65_535).contains(port) else { throw RedisError.invalidURL("the port \(port) is not in 1...65535") }
        // IPv6 addresses stand in brackets in a URL, and nowhere else.
        let bare = host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host
        let path = parts.path.drop { $0 == "/" }
        self.init(
            address: .tcp(host: bare, port: port),
            username: parts.user.flatMap { $0.isEmpty ? nil : $0 },
            password: parts.password.flatMap { $0.isEmpty ? nil : $0 },
            database: try Self.database(path.isEmpty ? nil : String(path))
        )
        if username != nil, password == nil { throw RedisError.invalidURL("a user is given without a password") }
    }

    private init(unix parts: URLComponents) throws {
        guard parts.host ?? "" == "", parts.path.hasPrefix("/") else {
            throw RedisError.invalidURL("unix: takes an absolute path, as in unix:///run/redis.sock")
        }
        guard parts.path.utf8.count <= Self.unixPathBytesMax else {
            throw RedisError.invalidURL("the socket's path is longer than \(Self.unixPathBytesMax) bytes")
        }
        self.init(
            address: .unix(path: parts.path),
            username: parts.user.flatMap { $0.isEmpty ? nil : $0 },
            password: parts.password.flatMap { $0.isEmpty ? nil : $0 },
            database: try Self.database(parts.queryItems?.last { $0.name == "db" }?.value)
        )
    }

    /// `sun_path` of Linux, without its terminating zero.
    private static let unixPathBytesMax = 107

    private static func database(_ text: String?) throws -> Int {
        guard let text else { return 0 }
        guard let number = Int(text), number >= 0 else {
            throw RedisError.invalidURL("the database \"\(text)\" is not a number")
        }
        return number
    }
}

extension RedisConfiguration: CustomStringConvertible {
    /// The address, without user and password, so that it can be logged.
    public var description: String {
        switch address {
        case .tcp(let host, let port):
            "\(tls == nil ? "redis" : "rediss")://\(host.contains(":") ? "[\(host)]" : host):\(port)/\(database)"
        case .unix(let path):
            "unix://\(path)?db=\(database)"
        }
    }
}
