public import NIOHTTP1

/// How an Engine.IO server behaves; the defaults are the reference server's.
public struct EngineConfiguration: Sendable {
    /// Requests whose path begins with this belong to the server. Ends in a slash.
    public var path = "/socket.io/"
    /// Time between two pings of the server.
    public var pingInterval: Duration = .seconds(25)
    /// How long a pong may take before the session is closed.
    public var pingTimeout: Duration = .seconds(20)
    /// How long a polling client may take to fetch what was sent before the server closed its session.
    public var closeTimeout: Duration = .seconds(30)
    /// How long an upgrade to WebSocket may take.
    public var upgradeTimeout: Duration = .seconds(10)
    /// Largest message, and largest body of a polling request, in bytes.
    public var maxPayload = 1_000_000
    /// Most bytes that wait for one slow client; over it the session is closed.
    public var outboxBytesMax = 1 << 20
    /// Most packets that wait for one slow client; over it the session is closed.
    public var outboxPacketsMax = 1_000
    /// Most sessions that one address may have at the same time; nil for any number. Behind a proxy all clients have its
    /// address, so limit them there.
    public var sessionsPerAddressMax: Int?
    /// Compresses WebSocket messages; off by default, because it costs time and memory that a small message does not pay.
    public var perMessageDeflate: PerMessageDeflate?
    /// Compresses the answers to polls; off by default, as above.
    public var httpCompression: HTTPCompression?
    /// A cookie with the session's id; none by default.
    public var cookie: SessionCookie?
    /// Written in front of each session id and a dot, so that any server of a fleet can tell whose session it is.
    public var owner: String?
    /// Which pages of other origins may speak to the server.
    public var origins = OriginPolicy.any
    /// What pages of listed origins may do beyond reading.
    public var cors = CORSOptions()
    /// Decides whether a handshake is taken; a text refuses it with that message. Runs before a session exists.
    public var allowRequest: (@Sendable (EngineRequest) async -> String?)?

    /// The reference server's settings.
    public init() {}
}

/// What pages of other origins get told by the CORS headers (Fetch standard, section 3.2).
public struct CORSOptions: Sendable {
    /// Headers that their requests may have.
    public var allowedHeaders = ["content-type", "authorization"]
    /// Whether their requests may carry cookies.
    public var allowsCredentials = true
    /// How long a browser may keep the permission; nil leaves it to the browser.
    public var maxAge: Duration?

    /// The defaults.
    public init() {}
}

/// Which `Origin` a request may have. A request without one does not come from a page of another site.
///
/// Browsers let any page open a WebSocket to any server and send its cookies along, so this check is what keeps
/// foreign pages from acting in a person's name (cross-site WebSocket hijacking).
public enum OriginPolicy: Sendable {
    /// Every origin, without permission to read the answers: what the reference server does without `cors`.
    case any
    /// The origin of the server itself, told by the request's `Host`, and those listed exactly.
    case sameOrigin(or: Set<String>)

    /// Whether a request with these headers may be taken.
    public func allows(_ headers: HTTPHeaders) -> Bool {
        let origins = headers["origin"]
        guard let origin = origins.first else { return true }
        guard origins.count == 1 else { return false }
        switch self {
        case .any:
            return true
        case .sameOrigin(let listed):
            if listed.contains(origin) { return true }
            guard let host = headers.first(name: "host"), !host.isEmpty else { return false }
            return origin == "http://\(host)" || origin == "https://\(host)"
        }
    }

    /// The listed origin of a page that may read the answers, for the CORS headers.
    func readable(_ headers: HTTPHeaders) -> String? {
        guard case .sameOrigin(let listed) = self, let origin = headers.first(name: "origin"), listed.contains(origin)
        else { return nil }
        return origin
    }
}
