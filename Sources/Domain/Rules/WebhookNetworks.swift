/// To which addresses requests of webhooks may go.
///
/// Whoever makes a webhook has this machine make requests, from inside the owner's network. So only addresses of the
/// public internet are allowed, over TLS, unless the owner of the machine lists others.
package struct WebhookNetworks: Hashable, Sendable {
    /// Names of hosts, lower case, whose addresses may be private.
    package let hosts: Set<String>
    /// Networks that may be private.
    package let ranges: [AddressRange]

    package init(hosts: Set<String> = [], ranges: [AddressRange] = []) {
        self.hosts = hosts
        self.ranges = ranges
    }

    /// Nothing but the public internet.
    package static let publicOnly = WebhookNetworks()

    /// Whether the owner of the machine listed the host or the network of the address.
    package func lists(_ address: IPAddress, of host: String) -> Bool {
        hosts.contains(host) || ranges.contains { $0.contains(address) }
    }

    /// Whether a request to this URL may go to this address.
    package func allow(_ address: IPAddress, for url: WebhookURL) -> Bool {
        lists(address, of: url.host) || (!url.isPlain && address.isGlobal)
    }

    /// Refuses what can be seen to be forbidden without asking for the host's addresses. Throws `invalid`, field `url`.
    package func check(_ url: WebhookURL) throws {
        if let address = IPAddress(url.host) {
            guard allow(address, for: url) else { throw Self.refusal(of: url) }
        } else if url.isPlain, !hosts.contains(url.host), ranges.isEmpty {
            throw Self.refusal(of: url)
        }
    }

    /// Why a URL is refused.
    package static func refusal(of url: WebhookURL) -> ChatError {
        .invalid(
            field: "url",
            message: url.isPlain
                ? "Without TLS only hosts and networks of WEBHOOK_ALLOWED_NETWORKS are told."
                : "\(url.host) is not an address of the public internet, and not in WEBHOOK_ALLOWED_NETWORKS."
        )
    }
}

extension IPAddress {
    /// Whether the address is one of the public internet. After the registries of special addresses (RFC 6890, IANA);
    /// one that carries an IPv4 address is what that is.
    package var isGlobal: Bool {
        if bytes.count == 4 { return !Self.specialIPv4.contains { $0.contains(self) } }
        if Self.nat64.contains(self) { return IPAddress(ipv4: bytes[12..<16]).isGlobal }
        guard Self.unicast.contains(self), !Self.specialIPv6.contains(where: { $0.contains(self) }) else {
            return false
        }
        return !Self.sixToFour.contains(self) || IPAddress(ipv4: bytes[2..<6]).isGlobal
    }

    // This host, private networks, carriers' NAT, loopback, link-local (where clouds hand out credentials), protocol
    // assignments, documentation, relays of 6to4, measurements, multicast, reserved and broadcast.
    private static let specialIPv4 = ranges(
        "0.0.0.0/8",
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "192.88.99.0/24",
        "198.18.0.0/15",
        "224.0.0.0/4",
        "240.0.0.0/4"
    )
    /// What is handed out as global addresses; unspecified, loopback, unique local, link-local and multicast are outside.
    private static let unicast = ranges("2000::/3")[0]
    // Protocol assignments, Teredo among them, and documentation.
    private static let specialIPv6 = ranges("2001::/23", "2001:db8::/32", "3fff::/20")
    private static let sixToFour = ranges("2002::/16")[0]
    private static let nat64 = ranges("64:ff9b::/96")[0]

    private static func ranges(_ texts: String...) -> [AddressRange] { texts.map { AddressRange($0)! } }
}
