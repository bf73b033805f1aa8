import NIOCore
import SocketIO
import Testing

@testable import SocketIORedis

@Suite("Captures of Node servers")
struct CaptureTests {
    @Test("the captures are there")
    func count() {
        #expect(Capture.classic.count == 62)
        #expect(Capture.sharded.count > 15)
    }

    @Test(
        "MessagePack is decoded as Node decodes it",
        arguments: Capture.messagePack(Capture.classic + Capture.sharded)
    )
    func decode(_ capture: Capture) throws {
        guard case .messagePack(let bytes, let text) = capture.message else { return }
        #expect(String(buffer: try JSONBuffers.text(try decodeAll(bytes))) == text)
    }

    @Test(
        "what was decoded is encoded to the same bytes",
        arguments: Capture.messagePack(Capture.classic + Capture.sharded)
    )
    func encode(_ capture: Capture) throws {
        guard case .messagePack(let bytes, let text) = capture.message else { return }
        // A date arrives as the text that clients get, and stays text.
        if text.contains("1970-01-01") { return }
        var encoded = ByteBuffer()
        try JSONToMessagePack.append(try decodeAll(bytes), to: &encoded)
        #expect(hex(encoded) == hex(bytes))
    }

    static let broadcasts = Capture.messagePack(Capture.classic).filter { !$0.channel.contains("-re") }

    @Test("a broadcast is decoded, and encoded byte for byte", arguments: broadcasts)
    func broadcast(_ capture: Capture) throws {
        guard case .messagePack(let bytes, let text) = capture.message else { return }
        let namespace = capture.channel.contains("/chat") ? "/chat" : "/"
        let uid = String(text.dropFirst(2).prefix { $0 != "\"" })
        let message = try #require(try BroadcastMessage.decode(bytes, uid: "other", namespace: namespace))
        #expect(
            ClassicChannels(key: "socket.io", namespace: namespace).broadcast(to: message.options.rooms)
                == capture.channel
        )
        #expect(try BroadcastMessage.decode(bytes, uid: uid, namespace: namespace) == nil, "the own one is ignored")
        #expect(try BroadcastMessage.decode(bytes, uid: "other", namespace: "/x") == nil, "another namespace's too")
        if text.contains("1970-01-01") { return }
        let encoded = try BroadcastMessage.encode(
            message.event,
            options: message.options,
            uid: uid,
            namespace: namespace,
            order: uid == "emitter" ? .emitter : .adapter
        )
        #expect(hex(encoded) == hex(bytes))
    }

    static let requests = Capture.classic.filter { $0.channel.contains("-request#") }

    @Test("a request is decoded, and encoded byte for byte", arguments: requests)
    func request(_ capture: Capture) throws {
        switch capture.message {
        case .json(let text):
            let request = try #require(try ClusterRequest.decode(ByteBuffer(string: text), namespace: "/"))
            #expect(String(buffer: try request.encode(namespace: "/")) == text)
        case .messagePack(let bytes, _):
            let request = try #require(try ClusterRequest.decode(bytes, namespace: "/"))
            #expect(hex(try request.encode(namespace: "/")) == hex(bytes))
            #expect(try ClusterRequest.decode(bytes, namespace: "/x") == nil, "another namespace's is ignored")
        }
    }

    static let responses = Capture.classic.filter { $0.channel.contains("-response#") }

    @Test("a response is decoded, and encoded byte for byte", arguments: responses)
    func response(_ capture: Capture) throws {
        switch capture.message {
        case .json(let text):
            let message = ByteBuffer(string: text)
            let response = try #require(try ClusterResponse.decode(message) { _ in true })
            #expect(String(buffer: try encode(response)) == text)
            #expect(try ClusterResponse.decode(message) { _ in false } == nil)
        case .messagePack(let bytes, _):
            let response = try #require(try ClusterResponse.decode(bytes) { _ in true })
            #expect(hex(try encode(response)) == hex(bytes))
            #expect(try ClusterResponse.decode(bytes) { _ in false } == nil)
        }
    }

    private func encode(_ response: ClusterResponse) throws -> ByteBuffer {
        let id = response.requestID
        if let rooms = response.rooms { return ClusterResponse.rooms(rooms, requestID: id) }
        if let sockets = response.sockets { return ClusterResponse.sockets(sockets, requestID: id) }
        if let count = response.clientCount { return ClusterResponse.clientCount(count, requestID: id) }
        if let packet = response.packet { return try ClusterResponse.acknowledgement(packet, requestID: id) }
        return try ClusterResponse.serverSideAnswer(try #require(response.data), requestID: id)
    }

    private func decodeAll(_ bytes: ByteBuffer) throws -> Payload {
        try bytes.withUnsafeReadableBytes { raw in
            var reader = MessagePackReader(raw)
            let payload = try MessagePackToJSON.payload(&reader, of: bytes)
            #expect(reader.isAtEnd)
            return payload
        }
    }
}
