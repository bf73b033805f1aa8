#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// An address of IPv4 or IPv6. One of IPv4 that is written as IPv6 (`::ffff:192.0.2.1`) is the IPv4 one.
package struct IPAddress: Hashable, Sendable, CustomStringConvertible {
    /// 4 or 16 bytes, most significant first.
    package let bytes: [UInt8]

    /// Nil for a text that is none.
    package init?(_ text: String) {
        var bytes = [UInt8](repeating: 0, count: 16)
        // inet_pton would stop at a NUL and take what stands before it.
        guard text.utf8.count <= 45, !text.utf8.contains(0) else { return nil }
        if inet_pton(AF_INET, text, &bytes) == 1 {
            self.bytes = Array(bytes.prefix(4))
        } else if inet_pton(AF_INET6, text, &bytes) == 1 {
            let isMapped = bytes[..<10].allSatisfy { $0 == 0 } && bytes[10] == 0xFF && bytes[11] == 0xFF
            self.bytes = isMapped ? Array(bytes.suffix(4)) : bytes
        } else {
            return nil
        }
    }

    fileprivate init(bytes: [UInt8]) { self.bytes = bytes }

    /// An address of IPv4 that stands inside one of IPv6.
    init(ipv4 bytes: ArraySlice<UInt8>) {
        precondition(bytes.count == 4, "an address of IPv4 has four bytes")
        self.bytes = Array(bytes)
    }

    package var bitCount: Int { bytes.count * 8 }

    package var description: String {
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        let family = bytes.count == 4 ? AF_INET : AF_INET6
        // Fails only for another family or too small a buffer.
        _ = inet_ntop(family, bytes, &text, socklen_t(text.count))
        return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// The network of `prefix` bits that it is in.
    package func network(_ prefix: Int) -> AddressRange {
        AddressRange(self, prefix: min(max(prefix, 0), bitCount))
    }
}

/// All addresses that begin with the same bits: `192.0.2.0/24`, `2001:db8::/32`, or a single address.
package struct AddressRange: Hashable, Sendable, CustomStringConvertible {
    package let first: IPAddress
    package let prefix: Int

    /// Bits behind the prefix are dropped. Nil for a text that is no range.
    package init?(_ text: String) {
        let halves = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = IPAddress(String(halves[0])) else { return nil }
        guard halves.count == 2 else {
            self.init(address, prefix: address.bitCount)
            return
        }
        guard halves[1].utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let prefix = Int(halves[1]), prefix <= address.bitCount
        else { return nil }
        self.init(address, prefix: prefix)
    }

    fileprivate init(_ address: IPAddress, prefix: Int) {
        self.prefix = prefix
        first = IPAddress(
            bytes: address.bytes.enumerated().map { index, byte in
                let kept = min(max(prefix - index * 8, 0), 8)
                return kept == 0 ? 0 : byte & (0xFF << UInt8(8 - kept))
            }
        )
    }

    package func contains(_ address: IPAddress) -> Bool {
        address.bitCount == first.bitCount && address.network(prefix).first == first
    }

    package var description: String { prefix == first.bitCount ? first.description : "\(first)/\(prefix)" }
}
