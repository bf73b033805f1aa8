import Domain
import Foundation

/// The cookie that keeps a browser logged in.
///
/// HttpOnly, so no script can read it; SameSite=Lax, so no other site's form can use it.
enum SessionCookie {
    static let name = "chat_session"

    /// `Set-Cookie` for a new session.
    static func set(_ secret: String, secure: Bool) -> String {
        "\(name)=\(secret); Path=/; HttpOnly; SameSite=Lax; Max-Age=\(Int(Session.lifetimeSeconds))"
            + (secure ? "; Secure" : "")
    }

    /// `Set-Cookie` that ends the session in the browser.
    static func clear(secure: Bool) -> String {
        "\(name)=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0" + (secure ? "; Secure" : "")
    }

    /// The secret in a request's `Cookie` headers.
    static func secret(in headers: [String]) -> String? {
        for header in headers {
            for pair in header.split(separator: ";") {
                let halves = pair.split(separator: "=", maxSplits: 1)
                guard halves.count == 2, halves[0].trimmingCharacters(in: .whitespaces) == name else { continue }
                return halves[1].trimmingCharacters(in: .whitespaces)
            }
        }
        return nil
    }
}
