import Domain
import NIOCore
import NIOHTTP1

/// Who sent a request, as far as the connection and the proxies that we trust say.
struct RequestOrigin: Hashable, Sendable {
    /// The client's address; nil for a connection without one, such as a Unix socket.
    var address: String?
    /// Whether the client came over TLS.
    var isSecure = false
}

/// The proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed. Anybody can send these headers, so from
/// anybody else they mean nothing.
struct TrustedProxies: Hashable, Sendable {
    let ranges: [AddressRange]

    static let none = TrustedProxies(ranges: [])

    /// Where a request came from that arrived from `peer`.
    func origin(peer: SocketAddress?, headers: HTTPHeaders) -> RequestOrigin {
        guard let peer = peer?.ipAddress.flatMap({ IPAddress($0) }) else { return RequestOrigin() }
        guard isTrusted(peer) else { return RequestOrigin(address: peer.description) }
        // Each proxy adds whom it got the request from at the end. The last one that is no proxy of ours is the client;
        // what stands before it is the client's own invention.
        var client = peer
        for hop in headers[canonicalForm: "x-forwarded-for"].reversed() {
            guard isTrusted(client), let previous = IPAddress(String(hop)) else { break }
            client = previous
        }
        let scheme = headers[canonicalForm: "x-forwarded-proto"].last
        return RequestOrigin(address: client.description, isSecure: scheme?.lowercased() == "https")
    }

    private func isTrusted(_ address: IPAddress) -> Bool {
        ranges.contains { $0.contains(address) }
    }
}
