/// A cookie with the session's id, which a balancer may use to bring a client's requests to the same server.
///
/// It authorizes nothing: the id in the query decides. The name and its attributes are the reference server's.
public struct SessionCookie: Sendable {
    /// Its name.
    public var name = "io"
    /// The paths it is sent to.
    public var path = "/"
    /// Whether scripts cannot read it.
    public var isHTTPOnly = true
    /// Whether it is sent over TLS only.
    public var isSecure = false
    /// Whether other sites' requests carry it.
    public var sameSite = SameSite.lax
    /// How long it is kept; nil for as long as the browser runs.
    public var maxAge: Duration?

    /// What other sites may do.
    public enum SameSite: String, Sendable {
        /// No other site's request carries it.
        case strict = "Strict"
        /// Only a link that a person follows carries it.
        case lax = "Lax"
        /// Every request carries it; browsers demand `isSecure` for that.
        case none = "None"
    }

    /// The reference server's settings.
    public init() {}

    /// The header's value.
    func value(_ id: String) -> String {
        var text = "\(name)=\(id); Path=\(path)"
        if let maxAge { text += "; Max-Age=\(maxAge.components.seconds)" }
        if isHTTPOnly { text += "; HttpOnly" }
        if isSecure { text += "; Secure" }
        return text + "; SameSite=\(sameSite.rawValue)"
    }
}
