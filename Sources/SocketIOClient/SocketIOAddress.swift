/// Where a Socket.IO server is: `http://host:port`, with `/socket.io/` as the path unless the address names another.
package struct SocketIOAddress: Sendable, Equatable, CustomStringConvertible {
    package let host: String
    package let port: Int
    /// With a slash at both ends.
    package let path: String

    package init(host: String, port: Int, path: String = "/socket.io/") {
        self.host = host
        self.port = port
        self.path = path
    }

    /// Reads an address; nil when it is none, or one of `https:`, which this client does not speak.
    package init?(_ text: String) {
        guard let scheme = ["http://", "ws://"].first(where: text.hasPrefix) else { return nil }
        let rest = text.dropFirst(scheme.count)
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        let path = rest.dropFirst(authority.count).prefix { $0 != "?" }
        guard let (host, port) = Self.split(authority), !host.isEmpty else { return nil }
        self.host = host
        self.port = port
        self.path = path.isEmpty || path == "/" ? "/socket.io/" : path.hasSuffix("/") ? String(path) : path + "/"
    }

    /// `host`, `host:port` and `[address of IPv6]:port`.
    private static func split(_ authority: Substring) -> (String, Int)? {
        if authority.first == "[" {
            guard let end = authority.firstIndex(of: "]") else { return nil }
            let host = String(authority[authority.index(after: authority.startIndex)..<end])
            let rest = authority[authority.index(after: end)...]
            if rest.isEmpty { return (host, 80) }
            guard rest.first == ":", let port = port(rest.dropFirst()) else { return nil }
            return (host, port)
        }
        guard let colon = authority.firstIndex(of: ":") else { return (String(authority), 80) }
        guard let port = port(authority[authority.index(after: colon)...]) else { return nil }
        return (String(authority[..<colon]), port)
    }

    private static func port(_ text: Substring) -> Int? {
        Int(text).flatMap { (1...65_535).contains($0) ? $0 : nil }
    }

    /// As in the `Host` header.
    package var authority: String { (host.contains(":") ? "[\(host)]" : host) + ":\(port)" }

    package var description: String { "http://\(authority)\(path == "/socket.io/" ? "" : path)" }
}
