import Testing

@testable import ChatServer

@Suite("Cookies")
struct BrowserCookieTests {
    private let cookie = BrowserCookie.session

    @Test(
        "the secret is found among other cookies",
        arguments: [
            "chat_session=abc", "theme=dark; chat_session=abc", " chat_session=abc ; theme=dark",
            "__Host-chat_session=abc", "chat_session=planted; __Host-chat_session=abc",
        ]
    )
    func found(header: String) {
        #expect(cookie.value(in: [header]) == "abc")
    }

    @Test(
        "the secret is not mistaken for another one",
        arguments: [
            "", "chat_session", "chat_session=", "xchat_session=abc", "theme=chat_session", "chat_session2=abc",
            "chat_device=abc",
        ]
    )
    func notFound(header: String) {
        #expect(cookie.value(in: [header]) == nil)
    }

    @Test("no script may read it, no other site may send it, and over TLS it stays on TLS and on this host")
    func attributes() {
        let secure = cookie.set("abc", secure: true)
        #expect(secure.hasPrefix("__Host-chat_session=abc; "))
        for attribute in ["HttpOnly", "SameSite=Lax", "Path=/", "Secure"] { #expect(secure.contains(attribute)) }
        #expect(!secure.contains("Domain"))
        let plain = cookie.set("abc", secure: false)
        #expect(plain.hasPrefix("chat_session=abc; ") && !plain.contains("Secure"))
    }

    @Test("logging out takes it from the browser")
    func cleared() {
        #expect(cookie.clear(secure: false).hasPrefix("chat_session=; "))
        #expect(cookie.clear(secure: true).hasPrefix("__Host-chat_session=; "))
        #expect(cookie.clear(secure: true).contains("Max-Age=0"))
    }
}
