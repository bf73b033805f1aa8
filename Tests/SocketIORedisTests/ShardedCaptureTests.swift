import NIOCore
import SocketIO
import Testing

@testable import SocketIORedis

@Suite("Captures of Node servers with the sharded adapter")
struct ShardedCaptureTests {
    @Test("a message is decoded, and encoded byte for byte for the same channel", arguments: Capture.sharded)
    func message(_ capture: Capture) throws {
        let bytes: ByteBuffer
        let text: String
        switch capture.message {
        case .json(let json): (bytes, text) = (ByteBuffer(string: json), json)
        case .messagePack(let binary, let json): (bytes, text) = (binary, json)
        }
        let uid = String(try #require(text.firstMatch(of: /"uid":"(\w{16})","nsp":/)).1)
        let namespace = capture.channel.contains("/chat") ? "/chat" : "/"
        let node = ShardedWire(namespace: namespace, uid: uid)
        let outgoing = try outgoing(of: node, for: try read(bytes, namespace), on: capture.channel)
        #expect(outgoing.channel == capture.channel)
        // A date arrives as the text that clients get, and stays text.
        if text.contains("1970-01-01") { return }
        #expect(hex(outgoing.payload) == hex(bytes))
    }

    @Test("the own messages and those of another namespace are ignored", arguments: Capture.sharded.prefix(1))
    func ignored(_ capture: Capture) throws {
        guard case .json(let json) = capture.message else { return }
        let bytes = ByteBuffer(string: json)
        let uid = String(try #require(json.firstMatch(of: /"uid":"(\w{16})"/)).1)
        guard case .ignored = try read(bytes, "/", uid: uid) else { return #expect(Bool(false), "the own one") }
        guard case .ignored = try read(bytes, "/x") else { return #expect(Bool(false), "another namespace's") }
    }

    private func read(_ bytes: ByteBuffer, _ namespace: String, uid: String = "other") throws -> Incoming {
        try ShardedWire(namespace: namespace, uid: uid).read(
            bytes,
            on: ByteBuffer(),
            as: .anything,
            isOccupied: { _ in true },
            isAwaited: { _ in true }
        )
    }

    /// What a Node server publishes that means `incoming`.
    private func outgoing(of node: ShardedWire, for incoming: Incoming, on channel: String) throws -> Outgoing {
        switch incoming {
        case .broadcast(let event, let options):
            return try node.broadcast(event, options)
        case .request(let request):
            return try node.request(request.body, id: request.requestID)
        case .response(let response):
            let asker = String(try #require(channel.firstMatch(of: /#(\w{16})#$/)).1)
            let request = ClusterRequest(uid: asker, requestID: response.requestID, body: .allRooms)
            return try node.answer(try answer(response), to: request, id: response.requestID)
        case .unoccupied, .ignored:
            throw CodecError.malformed
        }
    }

    private func answer(_ response: ClusterResponse) throws -> ClusterAnswer {
        if let sockets = response.sockets { return .sockets(sockets) }
        if let count = response.clientCount { return .clientCount(count) }
        if let packet = response.packet { return .acknowledgement(packet) }
        return .serverSide(try #require(response.data))
    }
}
