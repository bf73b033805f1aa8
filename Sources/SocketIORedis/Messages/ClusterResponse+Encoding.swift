internal import NIOCore
internal import SocketIO

extension ClusterResponse {
    /// Encodes an answer as Node does.
    ///
    /// - Throws: `CodecError` or `JSONScanner.Malformed` when what somebody answered is not what `Payload` promises.
    static func encode(_ answer: ClusterAnswer, requestID: String) throws -> ByteBuffer {
        switch answer {
        case .rooms(let rooms): self.rooms(rooms, requestID: requestID)
        case .sockets(let sockets): self.sockets(sockets, requestID: requestID)
        case .socketIDs(let ids): socketIDs(ids, requestID: requestID)
        case .confirmation: confirmation(requestID: requestID)
        case .serverSide(let data): try serverSideAnswer(data, requestID: requestID)
        case .clientCount(let count): clientCount(count, requestID: requestID)
        case .acknowledgement(let packet): try acknowledgement(packet, requestID: requestID)
        }
    }

    /// `{"requestId":R,"rooms":[…]}`
    static func rooms(_ rooms: [Room], requestID: String) -> ByteBuffer {
        var buffer = begin(requestID)
        buffer.writeMember("rooms") { $0.writeJSON(rooms) }
        return end(buffer)
    }

    /// `{"requestId":R,"sockets":["id",…]}`, the answer to old peers.
    static func socketIDs(_ ids: [String], requestID: String) -> ByteBuffer {
        var buffer = begin(requestID)
        buffer.writeMember("sockets") { $0.writeJSON(ids.map { Room($0) }) }
        return end(buffer)
    }

    /// `{"requestId":R,"sockets":[{"id","handshake","rooms","data"},…]}`
    static func sockets(_ sockets: [RemoteSocket], requestID: String) -> ByteBuffer {
        var buffer = begin(requestID)
        buffer.writeMember("sockets") { $0.writeJSON(sockets) }
        return end(buffer)
    }

    /// `{"requestId":R}`, which confirms a join, leave or disconnect of an old peer.
    static func confirmation(requestID: String) -> ByteBuffer { end(begin(requestID)) }

    /// `{"type":6,"requestId":R,"data":arg}`
    static func serverSideAnswer(_ data: Payload, requestID: String) throws -> ByteBuffer {
        let text = try JSONBuffers.text(data)
        var buffer = ByteBuffer()
        buffer.writeMember("type") { $0.writeString(String(ClusterRequest.Kind.serverSideEmit.rawValue)) }
        buffer.writeMember("requestId") { $0.writeJSONString(requestID) }
        buffer.writeMember("data") { $0.writeImmutableBuffer(text) }
        return end(buffer)
    }

    /// `{"type":8,"requestId":R,"clientCount":n}`
    static func clientCount(_ count: Int, requestID: String) -> ByteBuffer {
        var buffer = ByteBuffer()
        buffer.writeMember("type") { $0.writeString(String(ClusterRequest.Kind.broadcastClientCount.rawValue)) }
        buffer.writeMember("requestId") { $0.writeJSONString(requestID) }
        buffer.writeMember("clientCount") { $0.writeString(String(count)) }
        return end(buffer)
    }

    /// `{"type":9,"requestId":R,"packet":arg}` in MessagePack.
    static func acknowledgement(_ packet: Payload, requestID: String) throws -> ByteBuffer {
        var buffer = ByteBuffer()
        buffer.writeMessagePackMapHeader(count: 3)
        buffer.writeMessagePack("type")
        buffer.writeMessagePack(Int64(ClusterRequest.Kind.broadcastAcknowledgement.rawValue))
        buffer.writeMessagePack("requestId")
        buffer.writeMessagePack(requestID)
        buffer.writeMessagePack("packet")
        try JSONToMessagePack.append(packet, to: &buffer)
        return buffer
    }

    private static func begin(_ requestID: String) -> ByteBuffer {
        var buffer = ByteBuffer()
        buffer.writeMember("requestId") { $0.writeJSONString(requestID) }
        return buffer
    }

    private static func end(_ buffer: ByteBuffer) -> ByteBuffer {
        var buffer = buffer
        buffer.writeStaticString("}")
        return buffer
    }
}

extension ByteBuffer {
    /// `[{"id","handshake","rooms","data"},…]`
    mutating func writeJSON(_ sockets: [RemoteSocket]) {
        writeStaticString("[")
        for (index, socket) in sockets.enumerated() {
            writeStaticString(index == 0 ? "{\"id\":" : ",{\"id\":")
            writeJSONString(socket.id)
            writeStaticString(",\"handshake\":")
            writeImmutableBuffer(socket.handshake)
            writeStaticString(",\"rooms\":")
            writeJSON(socket.rooms)
            writeStaticString(",\"data\":")
            writeImmutableBuffer(socket.data)
            writeStaticString("}")
        }
        writeStaticString("]")
    }
}
