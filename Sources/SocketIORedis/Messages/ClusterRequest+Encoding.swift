internal import NIOCore
internal import SocketIO

extension ClusterRequest {
    /// Encodes a request with the members in the order of Node's, which its captures show.
    ///
    /// - Throws: `CodecError` or `JSONScanner.Malformed` when an event is not what `Payload` promises.
    func encode(namespace: String) throws -> ByteBuffer {
        switch body {
        case .broadcast(let event, let options):
            return try encodeBroadcast(event, options, namespace: namespace)
        case .sockets(let rooms):
            return json(.sockets) { $0.writeMember("rooms") { $0.writeJSON(rooms) } }
        case .allRooms:
            return json(.allRooms) { _ in }
        case .join(let options, let rooms):
            return json(.join) { $0.writeMembers(options, rooms) }
        case .leave(let options, let rooms):
            return json(.leave) { $0.writeMembers(options, rooms) }
        case .disconnect(let options, let close):
            return json(.disconnect) { buffer in
                buffer.writeMember("opts") { $0.writeJSON(options) }
                buffer.writeMember("close") { $0.writeStaticString(close ? "true" : "false") }
            }
        case .fetch(let options):
            return json(.fetch) { $0.writeMember("opts") { $0.writeJSON(options) } }
        case .serverSideEmit(let event):
            let data = try JSONBuffers.text(event)
            return json(.serverSideEmit) { $0.writeMember("data") { $0.writeImmutableBuffer(data) } }
        }
    }

    /// `{"uid":U,"requestId":R,"type":T` and what `members` adds.
    private func json(_ kind: Kind, _ members: (inout ByteBuffer) -> Void) -> ByteBuffer {
        var buffer = ByteBuffer()
        if let uid { buffer.writeMember("uid") { $0.writeJSONString(uid) } }
        if let requestID { buffer.writeMember("requestId") { $0.writeJSONString(requestID) } }
        buffer.writeMember("type") { $0.writeString(String(kind.rawValue)) }
        members(&buffer)
        buffer.writeStaticString("}")
        return buffer
    }

    private func encodeBroadcast(
        _ event: Payload,
        _ options: BroadcastOptions,
        namespace: String
    ) throws -> ByteBuffer {
        var buffer = ByteBuffer()
        try buffer.writeMessagePack(.map) { buffer in
            var count = 3
            if let uid {
                buffer.writeMessagePack("uid")
                buffer.writeMessagePack(uid)
                count += 1
            }
            if let requestID {
                buffer.writeMessagePack("requestId")
                buffer.writeMessagePack(requestID)
                count += 1
            }
            buffer.writeMessagePack("type")
            buffer.writeMessagePack(Int64(Kind.broadcast.rawValue))
            buffer.writeMessagePack("packet")
            try buffer.writePacket(event, namespace: namespace)
            buffer.writeMessagePack("opts")
            buffer.writeMessagePack(options, order: .adapter)
            return count
        }
        return buffer
    }
}

extension ByteBuffer {
    /// Begins an object with its first member, or continues it with another. The buffer holds nothing else.
    mutating func writeMember(_ name: StaticString, _ value: (inout ByteBuffer) -> Void) {
        writeStaticString(readableBytes == 0 ? "{\"" : ",\"")
        writeStaticString(name)
        writeStaticString("\":")
        value(&self)
    }

    fileprivate mutating func writeMembers(_ options: BroadcastOptions, _ rooms: [Room]) {
        writeMember("opts") { $0.writeJSON(options) }
        writeMember("rooms") { $0.writeJSON(rooms) }
    }
}
