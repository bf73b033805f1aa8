#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Where a webhook may be: `https`, a host, a port of the web, nothing that names a user.
package struct WebhookURL: Hashable, Sendable, CustomStringConvertible {
    package static let charactersMax = 2_000

    /// The whole of it, scheme and host in lower case.
    package let description: String
    /// A name or an address, without brackets.
    package let host: String
    package let port: Int
    /// Without TLS.
    package let isPlain: Bool

    /// Throws `invalid`, field `url`.
    package init(_ text: String) throws {
        // The library that makes the request parses the text again. What two parsers could read in two ways would let a
        // request go to another host than the one that is checked, so only the plainest form is taken.
        guard text.utf8.count <= Self.charactersMax,
            text.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "\\") }),
            let colon = text.firstRange(of: "://")
        else { throw Self.invalid("This is no URL.") }
        let scheme = text[..<colon.lowerBound].lowercased()
        guard scheme == "https" || scheme == "http" else { throw Self.invalid("A webhook's URL begins with https://.") }
        guard !text.contains("#") else { throw Self.invalid("A webhook's URL has no fragment.") }
        let rest = text[colon.upperBound...]
        let authority = rest.prefix { $0 != "/" && $0 != "?" }.lowercased()
        guard !authority.contains("@") else {
            throw Self.invalid("A webhook's URL holds no name and no password: requests are signed instead.")
        }
        guard let (host, port) = Self.parse(authority) else {
            throw Self.invalid("A webhook's URL names a host in ASCII, and perhaps a port.")
        }
        self.host = host
        self.port = port ?? (scheme == "https" ? 443 : 80)
        // Below are mail, shells and the like, which take a request for something else.
        guard self.port == 80 || self.port == 443 || (1024...65_535).contains(self.port) else {
            throw Self.invalid("A webhook's port is 80, 443, or one from 1024.")
        }
        isPlain = scheme == "http"
        description = "\(scheme)://\(authority)\(rest.dropFirst(authority.count))"
        guard let url = URL(string: description), url.host() == host || url.host() == "[\(host)]" else {
            throw Self.invalid("This is no URL.")
        }
    }

    /// `host`, `host:port`, `[address]` or `[address]:port`; nil for anything else.
    private static func parse(_ authority: String) -> (host: String, port: Int?)? {
        let host: Substring
        let end: Substring
        if authority.hasPrefix("[") {
            guard let bracket = authority.firstIndex(of: "]") else { return nil }
            host = authority[..<bracket].dropFirst()
            end = authority[bracket...].dropFirst()
            guard let address = IPAddress(String(host)), address.bytes.count == 16 || host.contains(":") else {
                return nil
            }
        } else {
            host = authority.prefix { $0 != ":" }
            end = authority.dropFirst(host.count)
            guard (1...253).contains(host.utf8.count),
                host.utf8.allSatisfy({ $0.isNameLetter || $0 == UInt8(ascii: ".") })
            else { return nil }
        }
        guard !end.isEmpty else { return (String(host), nil) }
        let digits = end.dropFirst()
        guard end.first == ":", !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let port = Int(digits)
        else { return nil }
        return (String(host), port)
    }

    private static func invalid(_ message: String) -> ChatError { .invalid(field: "url", message: message) }
}
