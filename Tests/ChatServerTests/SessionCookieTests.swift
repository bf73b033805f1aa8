import Testing

@testable import ChatServer

@Suite("The session cookie")
struct SessionCookieTests {
    @Test(
        "is found among other cookies",
        arguments: ["chat_session=abc", "theme=dark; chat_session=abc", " chat_session=abc ; theme=dark"]
    )
    func found(header: String) {
        #expect(SessionCookie.secret(in: [header]) == "abc")
    }

    @Test(
        "is not mistaken for another one",
        arguments: ["", "chat_session", "xchat_session=abc", "theme=chat_session", "chat_session2=abc"]
    )
    func notFound(header: String) {
        #expect(SessionCookie.secret(in: [header]) == nil)
    }

    @Test("no script may read it, no other site may send it, and over TLS it stays on TLS")
    func attributes() {
        let cookie = SessionCookie.set("abc", secure: true)
        #expect(cookie.hasPrefix("chat_session=abc; "))
        for attribute in ["HttpOnly", "SameSite=Lax", "Path=/", "Secure"] { #expect(cookie.contains(attribute)) }
        #expect(!SessionCookie.set("abc", secure: false).contains("Secure"))
    }

    @Test("logging out ends it in the browser")
    func cleared() {
        #expect(SessionCookie.clear(secure: false).contains("Max-Age=0"))
    }
}
