import NIOCore
import NIOEmbedded
import NIOHTTP1
import Testing

@testable import EngineIO

/// The times of the heartbeat, to the millisecond: on a loop whose clock the test sets.
@Suite struct HeartbeatTests {
    private let loop = EmbeddedEventLoop()
    private let engine: EngineServer

    init() {
        var configuration = EngineConfiguration()
        configuration.pingInterval = .milliseconds(300)
        configuration.pingTimeout = .milliseconds(200)
        engine = EngineServer(configuration: configuration, mailboxes: LoopMailboxes(loop)) { _, _ in Silent() }
    }

    private final class Silent: EngineSessionHandler {
        func received(_ message: EngineMessage, in context: LoopContext) {}
        func closed(_ reason: CloseReason, in context: LoopContext) {}
    }

    /// A request that is being answered.
    private struct Answer {
        let channel: EmbeddedChannel

        /// Status and body; nil while it waits.
        var text: String? {
            get throws {
                guard case .head(let head)? = try channel.readOutbound(as: HTTPServerResponsePart.self) else {
                    return nil
                }
                guard case .body(.byteBuffer(let body))? = try channel.readOutbound(as: HTTPServerResponsePart.self)
                else { return "\(head.status.code)" }
                return "\(head.status.code) \(String(buffer: body))"
            }
        }
    }

    private func request(_ query: String, _ method: HTTPMethod = .GET, body: String = "") -> Answer {
        let channel = EmbeddedChannel(loop: loop)
        let head = HTTPRequestHead(
            version: .http1_1,
            method: method,
            uri: "/socket.io/?EIO=4&transport=polling\(query)"
        )
        engine.handle(HTTPExchange(head: head, body: ByteBuffer(string: body), channel: channel))
        loop.run()
        return Answer(channel: channel)
    }

    /// Opens a session and returns the part of the query that names it.
    private func open() throws -> String {
        let text = try #require(try request("").text)
        return "&sid=" + (text.split(separator: "\"").dropFirst(3).first ?? "")
    }

    @Test("a client that answers each ping is pinged again, an interval after its answer")
    func rounds() throws {
        let session = try open()
        for _ in 0..<3 {
            let poll = request(session)
            loop.advanceTime(by: .milliseconds(299))
            #expect(try poll.text == nil)
            loop.advanceTime(by: .milliseconds(1))
            #expect(try poll.text == "200 2")
            loop.advanceTime(by: .milliseconds(199))
            #expect(try request(session, .POST, body: "3").text == "200 ok")
        }
        #expect(engine.sessionCount == 1)
    }

    @Test("a client that does not answer is gone when its time is over, and not before", arguments: [true, false])
    func timeout(_ fetchesPing: Bool) throws {
        let session = try open()
        let poll = fetchesPing ? request(session) : nil
        loop.advanceTime(by: .milliseconds(499))
        if let poll { #expect(try poll.text == "200 2") }
        #expect(engine.sessionCount == 1)
        loop.advanceTime(by: .milliseconds(1))
        #expect(engine.sessionCount == 0)
        #expect(try request(session).text == #"400 {"code":1,"message":"Session ID unknown"}"#)
    }
}
