/// Where a Socket.IO server is: `http://host:port` or `https://host:port`, with `/socket.io/` as the path unless the
/// address names another.
package struct SocketIOAddress: Sendable, Equatable, CustomStringConvertible {
    package let host: String
    package let port: Int
    /// With a slash at both ends.
    package let path: String
    /// Whether the connection is encrypted.
    package let isSecure: Bool

    package init(host: String, port: Int, path: String = "/socket.io/", isSecure: Bool = false) {
        self.host = host
        self.port = port
        self.path = path
        self.isSecure = isSecure
    }

    /// Reads an address; nil when it is none.
    package init?(_ text: String) {
        let schemes = ["http://": false, "ws://": false, "https://": true, "wss://": true]
        guard let (scheme, isSecure) = schemes.first(where: { text.hasPrefix($0.key) }) else { return nil }
        let rest = text.dropFirst(scheme.count)
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        let path = rest.dropFirst(authority.count).prefix { $0 != "?" }
        guard let (host, port) = Self.split(authority, standardPort: isSecure ? 443 : 80), !host.isEmpty else {
            return nil
        }
        self.host = host
        self.port = port
        self.path = path.isEmpty || path == "/" ? "/socket.io/" : path.hasSuffix("/") ? String(path) : path + "/"
        self.isSecure = isSecure
    }

    /// `host`, `host:port` and `[address of IPv6]:port`.
    private static func split(_ authority: Substring, standardPort: Int) -> (String, Int)? {
        if authority.first == "[" {
            guard let end = authority.firstIndex(of: "]") else { return nil }
            let host = String(authority[authority.index(after: authority.startIndex)..<end])
            let rest = authority[authority.index(after: end)...]
            if rest.isEmpty { return (host, standardPort) }
            guard rest.first == ":", let port = port(rest.dropFirst()) else { return nil }
            return (host, port)
        }
        guard let colon = authority.firstIndex(of: ":") else { return (String(authority), standardPort) }
        guard let port = port(authority[authority.index(after: colon)...]) else { return nil }
        return (String(authority[..<colon]), port)
    }

    private static func port(_ text: Substring) -> Int? {
        Int(text).flatMap { (1...65_535).contains($0) ? $0 : nil }
    }

    /// As in the `Host` header.
    package var authority: String { (host.contains(":") ? "[\(host)]" : host) + ":\(port)" }

    package var description: String {
        "\(isSecure ? "https" : "http")://\(authority)\(path == "/socket.io/" ? "" : path)"
    }
}
