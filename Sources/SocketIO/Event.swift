public import NIOCore

/// An event from a client.
public struct Event: Sendable {
    /// Its name.
    public var name: String { text.name }
    /// The binary attachments that its arguments' placeholders refer to.
    public let attachments: [ByteBuffer]
    /// How it is answered; nil when the client did not ask for an acknowledgement.
    public let acknowledgement: Acknowledgement?

    private let text: EventText

    init(_ text: EventText, attachments: [ByteBuffer], acknowledgement: Acknowledgement?) {
        self.text = text
        self.attachments = attachments
        self.acknowledgement = acknowledgement
    }

    /// The event as it came, ready to be passed on byte for byte.
    public var payload: Payload { Payload(json: text.json, attachments: attachments) }

    /// All arguments as a JSON array, as they came: what an acknowledgement that echoes them consists of.
    public var arguments: Payload { Payload(json: text.argumentsArray, attachments: attachments) }

    /// The JSON text of one argument; nil when there are fewer.
    public func argument(_ index: Int) -> ByteBuffer? { text.argument(index) }

    /// Reads one argument.
    ///
    /// - Throws: `DecodingError` when it is missing or does not fit the type.
    public func decode<Value: Decodable>(_ type: Value.Type = Value.self, at index: Int = 0) throws -> Value {
        guard let json = text.argument(index) else {
            let context = DecodingError.Context(codingPath: [], debugDescription: "argument \(index) is missing")
            throw DecodingError.valueNotFound(type, context)
        }
        return try PayloadCoding.decode(type, from: Payload(json: json, attachments: attachments))
    }

    /// The same arguments under another name, as a payload.
    public func renamed(_ name: String) -> Payload {
        var json = ByteBuffer()
        let arguments = text.argumentsArray
        json.writeString("[")
        json.writeImmutableBuffer(PayloadCoding.text(name))
        if arguments.readableBytes > 2 { json.writeString(",") }
        json.writeImmutableBuffer(
            arguments.getSlice(at: arguments.readerIndex + 1, length: arguments.readableBytes - 1)!
        )
        return Payload(json: json, attachments: attachments)
    }
}

/// The answer that a client waits for. Only the first one is sent.
public struct Acknowledgement: Sendable {
    private let socket: Socket
    private let id: Int
    private let gate = Gate()

    init(socket: Socket, id: Int) {
        self.socket = socket
        self.id = id
    }

    /// Answers with values.
    ///
    /// - Throws: `EncodingError` when a value cannot be encoded; nothing is sent then.
    public func callAsFunction<each Item: Encodable>(_ items: repeat each Item) throws {
        send(try PayloadCoding.array(nil, repeat each items))
    }

    /// Answers with a JSON array of arguments as it is.
    public func send(_ arguments: Payload) {
        guard gate.pass() else { return }
        socket.send(PacketEncoder.acknowledgement(arguments, namespace: socket.namespace.name, id: id))
    }
}
