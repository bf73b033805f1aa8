import Crypto
import Domain

/// Secrets of 256 random bits, as base64url, and their SHA-256.
///
/// A plain hash is enough at rest: there is nothing to guess in 256 random bits, so nothing for a slow hash to slow.
package struct TokenIssuer: TokenIssuing {
    private static let secretBytes = 32

    package init() {}

    package func newToken() -> (secret: String, hash: [UInt8]) {
        var random = SystemRandomNumberGenerator()
        let bytes = (0..<Self.secretBytes).map { _ in UInt8.random(in: 0...255, using: &random) }
        let secret = Base64URL.encode(bytes)
        return (secret, hash(of: secret))
    }

    package func hash(of secret: String) -> [UInt8] {
        Array(SHA256.hash(data: Array(secret.utf8)))
    }
}

/// base64 with `-` and `_`, without padding: safe in cookies, headers and links (RFC 4648 § 5).
enum Base64URL {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    static func encode(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count * 4 + 2) / 3)
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let bits = group.reduce(0) { $0 << 8 | UInt32($1) } << UInt32((3 - group.count) * 8)
            for index in 0...group.count {
                text.append(alphabet[Int(bits >> UInt32(18 - index * 6)) & 63])
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}
