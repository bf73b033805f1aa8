import NIOCore
import NIOHTTP1
import Testing

@testable import EngineIO

@Suite struct WebSocketHandshakeTests {
    private func head(_ headers: [(String, String)]) -> HTTPRequestHead {
        HTTPRequestHead(version: .http1_1, method: .GET, uri: "/", headers: HTTPHeaders(headers))
    }

    @Test("the example of RFC 6455 is answered as the RFC says")
    func accepts() throws {
        let request = head([("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="), ("Sec-WebSocket-Version", "13")])
        let response = try #require(WebSocketHandshake.response(to: request))
        #expect(response.status == .switchingProtocols)
        #expect(response.headers["sec-websocket-accept"] == ["s3pPLMBiTxaQ9kYGzzhZRbK+xOo="])
    }

    @Test("extensions and subprotocols that nobody offers are not answered, however odd")
    func ignoresExtensions() throws {
        let request = head([
            ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="), ("Sec-WebSocket-Version", "13"),
            ("Sec-WebSocket-Extensions", "a;b=\"\\\"," + String(repeating: ", ;", count: 500)),
            ("Sec-WebSocket-Protocol", String(repeating: "a ", count: 1_000)),
        ])
        let response = try #require(WebSocketHandshake.response(to: request))
        #expect(!response.headers.contains(name: "sec-websocket-extensions"))
        #expect(!response.headers.contains(name: "sec-websocket-protocol"))
    }

    @Test(
        "a handshake without one proper key and version 13 is none",
        arguments: [
            [("Sec-WebSocket-Version", "13")],
            [("Sec-WebSocket-Key", "c2hvcnQ="), ("Sec-WebSocket-Version", "13")],
            [("Sec-WebSocket-Key", "not base64, not at all!!"), ("Sec-WebSocket-Version", "13")],
            [("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="), ("Sec-WebSocket-Version", "8")],
            [("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")],
            [
                ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="), ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
                ("Sec-WebSocket-Version", "13"),
            ],
        ]
    )
    func refuses(_ headers: [(String, String)]) {
        #expect(WebSocketHandshake.response(to: head(headers)) == nil)
    }
}

@Suite struct UTF8ValidationTests {
    private func isValid(_ bytes: [UInt8]) -> Bool {
        UTF8Validation.isValid(ByteBuffer(bytes: bytes).readableBytesView)
    }

    @Test(
        "text of every length of character is valid",
        arguments: ["", "a", "0123456789", "ä", "€uro", "𝄞", "12345678é", "\u{10ffff}"]
    )
    func accepts(_ text: String) { #expect(isValid(Array(text.utf8))) }

    @Test(
        "what RFC 3629 forbids is not, wherever it stands",
        arguments: [
            [0x80], [0xc0, 0x80], [0xc1, 0xbf], [0xe0, 0x9f, 0xbf], [0xed, 0xa0, 0x80], [0xed, 0xbf, 0xbf],
            [0xf0, 0x8f, 0xbf, 0xbf], [0xf4, 0x90, 0x80, 0x80], [0xf5, 0x80, 0x80, 0x80], [0xff], [0xc3], [0xe2, 0x82],
            [0xf0, 0x9d, 0x84], [0xe2, 0x28, 0xa1], [0xf0, 0x9d, 0x28, 0x9e],
        ] as [[UInt8]]
    )
    func refuses(_ bytes: [UInt8]) {
        for before in [0, 1, 7, 8, 9] {
            let prefix = [UInt8](repeating: 0x41, count: before)
            #expect(!isValid(prefix + bytes))
            #expect(!isValid(prefix + bytes + prefix))
        }
    }

    @Test("it agrees with the standard library on random bytes")
    func agrees() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<20_000 {
            let length = Int.random(in: 0...12, using: &generator)
            // Mostly bytes that are interesting together.
            let bytes = (0..<length).map { _ in
                [0x41, 0x80, 0x9f, 0xa0, 0xbf, 0xc2, 0xe0, 0xe2, 0xed, 0xf0, 0xf4, UInt8.random(in: 0...255)]
                    .randomElement()!
            }
            #expect(isValid(bytes) == (String(validating: bytes, as: UTF8.self) != nil), "\(bytes)")
        }
    }
}

@Suite struct QueryTests {
    @Test(
        "a parameter is found by its name, decoded",
        arguments: [
            ("/p?EIO=4&transport=polling", "transport", "polling"), ("/p?a=1&a=2", "a", "1"), ("/p?a", "a", ""),
            ("/p?a=", "a", ""), ("/p?%26a=%26%3D%3Fa", "&a", "&=?a"), ("/p?a=b+c%20d", "a", "b c d"),
            ("/p?a=100%", "a", "100%"), ("/p?a=%zz%4", "a", "%zz%4"), ("/p?a=b=c", "a", "b=c"),
            ("/p?a=b?c", "a", "b?c"),
            ("/p?&&a=1&", "a", "1"), ("/p?a=%C3%A4", "a", "ä"), ("/p?__proto__=x", "__proto__", "x"),
        ]
    )
    func finds(_ uri: String, _ name: String, _ value: String) {
        #expect(Query(uri: uri)[name] == value)
    }

    @Test("what is not there is not found", arguments: ["/p", "/p?", "/p?b=1", "", "/p?=x"])
    func misses(_ uri: String) { #expect(Query(uri: uri)["a"] == nil) }

    @Test("bytes that are no text do not break it")
    func brokenText() { #expect(Query(uri: "/p?a=%ff%fe")["a"]?.isEmpty == false) }
}

@Suite struct EngineSessionIDTests {
    @Test("ids are long, of safe characters, and never the same")
    func unguessable() {
        let ids = Set((0..<10_000).map { _ in EngineSessionID.make() })
        #expect(ids.count == 10_000)
        #expect(
            ids.allSatisfy {
                $0.utf8.count == 20
                    && $0.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") }
            }
        )
    }

    @Test("an id tells its owner")
    func owner() {
        #expect(EngineSessionID.owner(of: EngineSessionID.make(owner: "i-12")) == "i-12")
        #expect(EngineSessionID.owner(of: EngineSessionID.make(owner: "host.example")) == "host.example")
        #expect(EngineSessionID.owner(of: EngineSessionID.make()) == nil)
    }
}

@Suite struct OriginPolicyTests {
    private let policy = OriginPolicy.sameOrigin(or: ["https://app.example"])

    private func allows(_ headers: HTTPHeaders) -> Bool { policy.allows(headers) }

    @Test("the server's own pages and the listed ones may speak to it, and so may what is no page")
    func allowed() {
        #expect(allows(["host": "chat.example:3000"]))
        #expect(allows(["host": "chat.example:3000", "origin": "http://chat.example:3000"]))
        #expect(allows(["host": "chat.example:3000", "origin": "https://chat.example:3000"]))
        #expect(allows(["host": "chat.example:3000", "origin": "https://app.example"]))
    }

    @Test(
        "every other page may not",
        arguments: [
            "null", "", "https://evil.example", "http://chat.example", "http://chat.example:3000.evil.example",
            "http://chat.example:3000`", "http://chat.example:3000$", "https://app.example.evil.example",
            "https://app.example/", "HTTPS://APP.EXAMPLE", "http://evil.example@chat.example:3000", "chat.example:3000",
        ]
    )
    func refuses(_ origin: String) {
        #expect(!allows(["host": "chat.example:3000", "origin": origin]))
    }

    @Test("two origins, or an origin without a host, are refused")
    func refusesAmbiguity() {
        #expect(!allows(["host": "a", "origin": "http://a", "origin": "http://b"]))
        #expect(!allows(["origin": "http://"]))
        #expect(!allows(["host": "", "origin": "http://"]))
    }

    @Test("only listed origins may read the answers")
    func readable() {
        #expect(policy.readable(["origin": "https://app.example"]) == "https://app.example")
        #expect(policy.readable(["host": "a", "origin": "http://a"]) == nil)
        #expect(OriginPolicy.any.readable(["origin": "https://app.example"]) == nil)
    }
}

@Suite struct EngineErrorTests {
    @Test("a refusal's text cannot break out of its JSON")
    func escapes() {
        #expect(
            EngineError.forbidden("no \"way\"\\\n\u{1}").body == #"{"code":4,"message":"no \"way\"\\\u000a\u0001"}"#
        )
    }

    @Test(
        "codes and texts are the reference server's",
        arguments: [
            (EngineError.unknownTransport, #"{"code":0,"message":"Transport unknown"}"#),
            (.unknownSession, #"{"code":1,"message":"Session ID unknown"}"#),
            (.badHandshakeMethod, #"{"code":2,"message":"Bad handshake method"}"#),
            (.badRequest, #"{"code":3,"message":"Bad request"}"#),
            (.unsupportedProtocolVersion, #"{"code":5,"message":"Unsupported protocol version"}"#),
        ]
    )
    func bodies(_ error: EngineError, _ body: String) {
        #expect(error.body == body)
        #expect(error.status == .badRequest)
    }
}
