import Domain
import Foundation

/// A cookie with a secret.
///
/// HttpOnly, so no script can read it; SameSite=Lax, so no other site's form can use it. Over TLS its name begins with
/// `__Host-`: such a cookie is kept off plain HTTP, and neither another host of the domain nor a page over plain HTTP
/// can put one in its place (RFC 6265bis, section 4.1.3.2).
struct BrowserCookie: Sendable {
    let name: String
    let lifetimeSeconds: Int

    /// Keeps a browser logged in.
    static let session = BrowserCookie(name: "chat_session", lifetimeSeconds: Int(Session.lifetimeSeconds))
    /// Tells that somebody logged in here before: guessing from elsewhere does not slow this browser down. A year.
    static let device = BrowserCookie(name: "chat_device", lifetimeSeconds: 366 * 86_400)

    private func name(secure: Bool) -> String { secure ? "__Host-\(name)" : name }

    /// `Set-Cookie` with a new secret.
    func set(_ secret: String, secure: Bool) -> String {
        "\(name(secure: secure))=\(secret); Path=/; HttpOnly; SameSite=Lax; Max-Age=\(lifetimeSeconds)"
            + (secure ? "; Secure" : "")
    }

    /// `Set-Cookie` that takes the secret from the browser.
    func clear(secure: Bool) -> String {
        "\(name(secure: secure))=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0" + (secure ? "; Secure" : "")
    }

    /// The secret in a request's `Cookie` headers; the one that came over TLS is preferred.
    func value(in headers: [String]) -> String? {
        let pairs = headers.flatMap { $0.split(separator: ";") }.map { pair in
            let halves = pair.split(separator: "=", maxSplits: 1)
            return (halves.first?.trimmingBlanks, halves.count == 2 ? halves[1].trimmingBlanks : nil)
        }
        func find(_ name: String) -> String? { pairs.first { $0.0 == name }?.1 }
        return find(name(secure: true)) ?? find(name(secure: false))
    }
}

extension Substring {
    fileprivate var trimmingBlanks: String { trimmingCharacters(in: .whitespaces) }
}
