import EngineIO
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct HTTPConnectionTests {
    /// Answers each request with its method, URI and body. `/later` is answered from another thread, `/header` with the
    /// body in a header.
    private func with(
        bodyBytesMax: Int = 1_000,
        limits: HTTPConnectionHandler.Limits = HTTPConnectionHandler.Limits(),
        admit: (@Sendable () async -> HTTPConnectionHandler.Admission)? = nil,
        _ body: (_ port: Int) async throws -> Void
    ) async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        do {
            let listener = try await HTTPListener.bind(
                host: "127.0.0.1",
                port: 0,
                on: group,
                limits: limits,
                bodyRule: { .init(bytesMax: bodyBytesMax, admit: $0.uri == "/asks" ? admit : nil) },
                handle: { exchange in
                    var answer = ByteBuffer(string: "\(exchange.head.method.rawValue) \(exchange.head.uri) ")
                    answer.writeImmutableBuffer(exchange.body)
                    if exchange.path == "/header" {
                        return exchange.respond(.ok, headers: ["x-body": String(buffer: exchange.body)])
                    }
                    guard exchange.path == "/later" else { return exchange.respond(.ok, body: answer) }
                    Task.detached { [answer] in exchange.respond(.ok, body: answer) }
                }
            )
            try await body(listener.localAddress?.port ?? 0)
        } catch {
            try await group.shutdownGracefully()
            throw error
        }
        try await group.shutdownGracefully()
    }

    private func withConnection(
        bodyBytesMax: Int = 1_000,
        limits: HTTPConnectionHandler.Limits = HTTPConnectionHandler.Limits(),
        _ body: (TestConnection) async throws -> Void
    ) async throws {
        try await with(bodyBytesMax: bodyBytesMax, limits: limits) { port async throws in
            try await body(.open(port: port))
            #expect(try await TestHTTP.request(port: port, "/next").body == "GET /next ")
        }
    }

    @Test("requests on one connection are answered one after the other")
    func keepAlive() async throws {
        try await withConnection { connection async throws in
            for number in 0..<3 {
                #expect(try await connection.request("POST", "/\(number)", body: "x").body == "POST /\(number) x")
            }
        }
    }

    @Test("requests sent ahead are answered in their order, also when an answer takes its time")
    func pipelining() async throws {
        try await withConnection { connection async throws in
            let uris = ["/later", "/1", "/later?2", "/3"]
            for uri in uris { try await connection.send("GET", uri) }
            for uri in uris { #expect(try await connection.response().body == "GET \(uri) ") }
        }
    }

    @Test("a request may come byte by byte")
    func trickles() async throws {
        var limits = HTTPConnectionHandler.Limits()
        limits.requestTimeout = .minutes(10)
        try await withConnection(limits: limits) { connection async throws in
            for character in "POST /slow HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi" {
                try await connection.write(String(character))
            }
            #expect(try await connection.response().body == "POST /slow hi")
        }
    }

    @Test("a body in chunks is put together")
    func chunks() async throws {
        try await withConnection { connection async throws in
            try await connection.write("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
            try await connection.write("2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n")
            #expect(try await connection.response().body == "POST / hello")
        }
    }

    @Test("HEAD is answered without a body and the connection stays usable")
    func head() async throws {
        try await withConnection { connection async throws in
            #expect(try await connection.request("HEAD", "/a").headers["content-length"] == ["8"])
            #expect(try await connection.request("GET", "/b").body == "GET /b ")
        }
    }

    @Test(
        "a client that asks for the end gets its answer and the end",
        arguments: ["Connection: close\r\n", "Upgrade: h2c\r\n"]
    )
    func closes(_ header: String) async throws {
        try await withConnection { connection async throws in
            try await connection.write("GET /last HTTP/1.1\r\nHost: a\r\n\(header)\r\n")
            let response = try await connection.response()
            #expect(response.body == "GET /last ")
            #expect(response.headers["connection"] == ["close"])
            #expect(try await connection.readToEnd().readableBytes == 0)
        }
    }

    @Test("a body over the limit is refused by its announcement, before it comes")
    func tooLargeAnnounced() async throws {
        try await withConnection(bodyBytesMax: 10) { connection async throws in
            try await connection.write("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\n")
            #expect(try await connection.response().status == 413)
            try await connection.readToEnd()
        }
    }

    @Test("a body over the limit is refused when it does not say how long it is")
    func tooLargeChunked() async throws {
        try await withConnection(bodyBytesMax: 10) { connection async throws in
            try await connection.write("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
            try await connection.write("8\r\n12345678\r\n8\r\n12345678\r\n")
            #expect(try await connection.response().status == 413)
            try await connection.readToEnd()
        }
    }

    @Test("a body of just the limit is taken")
    func exactlyTheLimit() async throws {
        try await withConnection(bodyBytesMax: 10) { connection async throws in
            #expect(try await connection.request("POST", "/", body: "1234567890").body == "POST / 1234567890")
        }
    }

    @Test("too many header fields are refused")
    func tooManyHeaders() async throws {
        var limits = HTTPConnectionHandler.Limits()
        limits.headersMax = 20
        try await withConnection(limits: limits) { connection async throws in
            let headers = (0..<20).map { ("X-\($0)", "y") }
            try await connection.send("GET", "/", headers: headers)
            #expect(try await connection.response().status == 431)
            try await connection.readToEnd()
        }
    }

    @Test("a URI over the limit is refused")
    func longURI() async throws {
        try await withConnection { connection async throws in
            try await connection.send("GET", "/" + String(repeating: "a", count: 8_192))
            #expect(try await connection.response().status == 431)
            try await connection.readToEnd()
        }
    }

    @Test("endless headers are refused")
    func endlessHeaders() async throws {
        try await withConnection { connection async throws in
            try await connection.write("GET / HTTP/1.1\r\nHost: a\r\nX: ")
            // The server stops reading somewhere in here, so the write may fail.
            try? await connection.write(String(repeating: "y", count: 200_000))
            let end = (try? await connection.response())?.status
            #expect(end == 431 || end == nil)
        }
    }

    @Test(
        "what is no HTTP, or could be read in two ways, is refused",
        arguments: [
            "hello\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "GET /\u{0} HTTP/1.1\r\nHost: a\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999999\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
            "GET / HTTP/1.1\r\nHost : a\r\n\r\n", "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\u{0}\u{1}",
        ]
    )
    func noHTTP(_ text: String) async throws {
        try await withConnection { connection async throws in
            try await connection.write(text)
            let answer = String(buffer: try await connection.readToEnd())
            #expect(answer.isEmpty || answer.hasPrefix("HTTP/1.1 400 "), "\(answer)")
        }
    }

    @Test("what is no HTTP behind a good request spoils only what comes behind it")
    func noHTTPBehind() async throws {
        try await withConnection { connection async throws in
            try await connection.write("GET /good HTTP/1.1\r\nHost: a\r\n\r\nrubbish\r\n\r\n")
            #expect(try await connection.response().body == "GET /good ")
            #expect(try await connection.response().status == 400)
            try await connection.readToEnd()
        }
    }

    @Test(
        "a request that does not come to its end in time is cut",
        arguments: [
            "", "GET", "GET / HTTP/1.1\r\nHost: a\r\n", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nab",
        ]
    )
    func slowRequest(_ start: String) async throws {
        var limits = HTTPConnectionHandler.Limits()
        limits.requestTimeout = .milliseconds(50)
        // No next request is sure to be quick enough here, so whether it is served is not asked.
        try await with(limits: limits) { port async throws in
            let connection = try await TestConnection.open(port: port)
            // On a busy machine the time can be up before the first byte is written.
            try? await connection.write(start)
            #expect(try await connection.readToEnd().readableBytes == 0)
        }
    }

    @Test("a kept connection is closed when no further request comes")
    func idle() async throws {
        var limits = HTTPConnectionHandler.Limits()
        limits.idleTimeout = .milliseconds(50)
        try await withConnection(limits: limits) { connection async throws in
            _ = try await connection.request("GET", "/")
            try await connection.readToEnd()
        }
    }

    // GHSA-7fj7-39wj-c64f: a header's value that ends the header begins whatever its sender likes.
    @Test(
        "an answer with a line break in a header is not sent",
        arguments: ["a\r\nX-Injected: 1", "a\n", "a\r", "\u{0}"]
    )
    func headerInjection(_ value: String) async throws {
        try await withConnection { connection async throws in
            #expect(try await connection.request("POST", "/header", body: "fine").headers["x-body"] == ["fine"])
            try await connection.send("POST", "/header", body: value)
            #expect(try await connection.readToEnd().readableBytes == 0)
        }
    }

    @Test("a client that waits for leave to send its body gets it")
    func expects() async throws {
        try await withConnection { connection async throws in
            try await connection.write(
                "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n"
            )
            #expect(try await connection.response().status == 100)
            try await connection.write("hi")
            #expect(try await connection.response().body == "POST / hi")
        }
    }

    @Test("a client that waits for leave to send too much gets none")
    func expectsTooMuch() async throws {
        try await withConnection(bodyBytesMax: 1) { connection async throws in
            try await connection.write(
                "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n"
            )
            #expect(try await connection.response().status == 413)
        }
    }

    @Test("a client that goes away in the middle of a request harms nobody")
    func goesAway() async throws {
        try await withConnection { connection async throws in
            try await connection.write("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nab")
            try await connection.reset()
        }
    }

    @Test("a body that has to be admitted is read once it was, and its permit is held until the answer")
    func admitted() async throws {
        let permits = Permits()
        try await with(admit: { .granted(permit: permits.take()) }) { port async throws in
            let connection = try await TestConnection.open(port: port)
            #expect(try await connection.request("POST", "/asks", body: "picture").body == "POST /asks picture")
            #expect(permits.taken == 1)
            #expect(try await connection.request("POST", "/plain", body: "x").body == "POST /plain x")
            #expect(permits.taken == 1)
            // The exchange is gone with the next request.
            #expect(permits.held == 0)
        }
    }

    @Test("a body that is not admitted is thrown away, its request answered, and the connection goes on")
    func notAdmitted() async throws {
        let refusal = HTTPConnectionHandler.Admission.refused(
            .tooManyRequests,
            headers: ["retry-after": "2"],
            body: ByteBuffer(string: "later")
        )
        try await with(bodyBytesMax: 400_000, admit: { refusal }) { port async throws in
            let connection = try await TestConnection.open(port: port)
            for body in ["", "x", String(repeating: "x", count: 300_000)] {
                let answer = try await connection.request("POST", "/asks", body: body)
                #expect(answer.status == 429 && answer.body == "later" && answer.headers["retry-after"] == ["2"])
            }
            #expect(try await connection.request("GET", "/next").body == "GET /next ")
        }
    }

    @Test("hardly more of a body is taken in before it is admitted than came with its head")
    func unadmittedBodiesWait() async throws {
        let (gate, open) = AsyncStream<Void>.makeStream()
        let waiting: @Sendable () async -> HTTPConnectionHandler.Admission = {
            for await _ in gate { break }
            return .granted(permit: nil)
        }
        try await with(bodyBytesMax: 64_000_000, admit: waiting) { port async throws in
            let connection = try await TestConnection.open(port: port)
            let count = 32_000_000
            try await connection.write("POST /asks HTTP/1.1\r\nhost: x\r\ncontent-length: \(count)\r\n\r\n")
            async let sent: Void = connection.write(String(repeating: "x", count: count))
            // Another connection of the same loop is served meanwhile.
            #expect(try await TestHTTP.request(port: port, "/other").body == "GET /other ")
            open.yield()
            try await sent
            #expect(try await connection.response().body.utf8.count == count + "POST /asks ".utf8.count)
        }
    }
}

/// Counts permits that were given, and those that somebody still has.
private final class Permits: Sendable {
    private let counts = Mutex((taken: 0, held: 0))

    final class Permit: Sendable {
        let permits: Permits
        init(_ permits: Permits) { self.permits = permits }
        deinit { permits.counts.withLock { $0.held -= 1 } }
    }

    var taken: Int { counts.withLock { $0.taken } }
    var held: Int { counts.withLock { $0.held } }

    func take() -> Permit {
        counts.withLock { $0 = ($0.taken + 1, $0.held + 1) }
        return Permit(self)
    }
}
