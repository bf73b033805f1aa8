/// Compresses WebSocket messages for clients that can read them (RFC 7692).
///
/// Neither side keeps anything from one message to the next: that costs some compression, and saves the 300 kB which the
/// windows of a connection take otherwise.
public struct PerMessageDeflate: Sendable {
    /// Shortest message that is compressed, in bytes.
    public var threshold = 1_024

    /// The reference server's settings, but for the context takeover.
    public init() {}

    /// What was agreed on with a client.
    struct Agreement: Equatable {
        /// Bits of the window in which the server looks for repetitions.
        var windowBits: Int32 = 15
        var tellsWindowBits = false

        /// What the server's handshake says.
        var header: String {
            let bits = tellsWindowBits ? "; server_max_window_bits=\(windowBits)" : ""
            return "permessage-deflate; server_no_context_takeover; client_no_context_takeover\(bits)"
        }
    }

    /// Longest header with offers that is read, in bytes.
    private static let offerBytesMax = 1_024

    /// Takes the first offer of a client that can be taken; nil when there is none.
    static func agree(on headers: [String]) -> Agreement? {
        guard headers.reduce(0, { $0 + $1.utf8.count }) <= offerBytesMax else { return nil }
        for header in headers {
            for offer in header.split(separator: ",") {
                let parts = offer.split(separator: ";", omittingEmptySubsequences: false).map { trim($0) }
                if parts[0].lowercased() == "permessage-deflate", let agreement = read(parts.dropFirst()) {
                    return agreement
                }
            }
        }
        return nil
    }

    /// Section 7.1: an offer with a parameter that is unknown, comes twice or has no proper value is not taken.
    private static func read(_ parameters: some Sequence<Substring>) -> Agreement? {
        var agreement = Agreement()
        var seen: Set<String> = []
        for parameter in parameters {
            let halves = parameter.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = trim(halves[0]).lowercased()
            guard seen.insert(name).inserted else { return nil }
            let value = halves.count > 1 ? trim(halves[1]).filter { $0 != "\"" } : nil
            switch (name, value) {
            case ("server_no_context_takeover", nil), ("client_no_context_takeover", nil),
                ("client_max_window_bits", nil):
                break
            case ("client_max_window_bits", let value?):
                guard windowBits(value) != nil else { return nil }
            case ("server_max_window_bits", let value?):
                // zlib makes no raw stream with a window of 8 bits.
                guard let bits = windowBits(value), bits > 8 else { return nil }
                agreement.windowBits = bits
                agreement.tellsWindowBits = true
            default:
                return nil
            }
        }
        return agreement
    }

    private static func windowBits(_ text: some StringProtocol) -> Int32? {
        guard !text.hasPrefix("0"), !text.hasPrefix("+"), let bits = Int32(text), (8...15).contains(bits) else {
            return nil
        }
        return bits
    }

    private static func trim(_ text: Substring) -> Substring {
        func isSpace(_ character: Character) -> Bool { character == " " || character == "\t" }
        var text = text.drop(while: isSpace)
        while let last = text.last, isSpace(last) { text.removeLast() }
        return text
    }
}

/// Compresses the answers to polls for clients that can read gzip.
public struct HTTPCompression: Sendable {
    /// Shortest body that is compressed, in bytes.
    public var threshold = 1_024

    /// The reference server's settings.
    public init() {}

    /// Whether an `Accept-Encoding` takes gzip.
    package static func isAccepted(_ headers: [String]) -> Bool {
        headers.lazy.flatMap { $0.split(separator: ",") }.contains { coding in
            let parts = coding.lowercased().split(separator: ";").map { $0.filter { $0 != " " } }
            guard parts.first == "gzip" || parts.first == "*" else { return false }
            return !parts.dropFirst().contains { ["q=0", "q=0.0", "q=0.00", "q=0.000"].contains($0) }
        }
    }
}
