import Crypto
package import Foundation

/// `t=<Unix seconds>,v1=<hex>`: who knows the secret made this body at this time.
///
/// The time is signed too, so that a request that somebody recorded is not good for ever.
package enum WebhookSignature {
    package static let header = "X-Chat-Signature"

    package static func make(of body: [UInt8], with secret: String, at date: Date) -> String {
        let time = Int64(date.timeIntervalSince1970)
        var authentication = HMAC<SHA256>(key: SymmetricKey(data: Array(secret.utf8)))
        authentication.update(data: Array("\(time).".utf8))
        authentication.update(data: body)
        let hex = authentication.finalize().map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0\(digits)" : digits
        }
        return "t=\(time),v1=\(hex.joined())"
    }
}
