import Domain
import Foundation
import NIOCore
import NIOHTTP1

@testable import EngineIO
@testable import SocketIO
@testable import SocketIORedis

/// The parsers that read what strangers send.
enum FuzzTarget: String, CaseIterable {
    case polling
    case packet
    case attachments
    case json
    case websocket
    case inflate
    case handshake
    case messagepack
    case cluster
    case image

    func run(_ input: UnsafeRawBufferPointer) {
        let bytes = ByteBuffer(bytes: input)
        switch self {
        case .polling: Self.polling(bytes)
        case .packet: Self.packet(bytes)
        case .attachments: Self.attachments(bytes)
        case .json: Self.json(input)
        case .websocket: Self.webSocket(bytes)
        case .inflate: _ = try? Self.inflater.decompress(bytes, bytesMax: Self.bytesMax)
        case .handshake: Self.handshake(bytes)
        case .messagepack: Self.messagePack(bytes)
        case .cluster: Self.cluster(bytes)
        case .image: Self.image(input)
        }
    }

    private static let bytesMax = 100_000
    // Fuzzing has one thread.
    private nonisolated(unsafe) static let inflater = Inflater()

    // MARK: Engine.IO

    /// The messages of a body that is taken come out again when they are sent back.
    private static func polling(_ bytes: ByteBuffer) {
        guard let packets = try? PollingPayload.decode(bytes) else { return }
        let messages = packets.compactMap { if case .message(let message) = $0 { message } else { nil } }
        let body = PollingPayload.encode(messages.map(OutboundPacket.message))
        let again = messages.isEmpty ? [] : try? PollingPayload.decode(body)
        precondition(again == messages.map(InboundPacket.message))
    }

    /// However the bytes are cut, the same events come out.
    private static func webSocket(_ bytes: ByteBuffer) {
        let whole = events(bytes, bytesAtOnce: max(bytes.readableBytes, 1), inflater: nil)
        precondition(events(bytes, bytesAtOnce: 1, inflater: nil) == whole)
        _ = events(bytes, bytesAtOnce: 7, inflater: inflater)
    }

    private static func events(
        _ bytes: ByteBuffer,
        bytesAtOnce: Int,
        inflater: Inflater?
    ) -> [WebSocketParser.Event] {
        var parser = WebSocketParser(limits: WebSocketHandler.Limits(messageBytesMax: bytesMax), inflater: inflater)
        var (rest, events) = (bytes, [WebSocketParser.Event]())
        do throws(WebSocketCloseCode) {
            while rest.readableBytes > 0, let part = rest.readSlice(length: min(bytesAtOnce, rest.readableBytes)) {
                parser.feed(part)
                while let event = try parser.next() { events.append(event) }
            }
        } catch {
            // What came before the error counts.
        }
        return events
    }

    private static func handshake(_ bytes: ByteBuffer) {
        let text = String(buffer: bytes)
        _ = PerMessageDeflate.agree(on: [text])
        _ = HTTPCompression.isAccepted([text])
        _ = Query(uri: text)
        _ = EngineSessionID.owner(of: text)
        _ = OriginPolicy.sameOrigin(or: ["https://chat.example"]).allows(["origin": text, "host": text])
    }

    // MARK: Socket.IO

    private static func packet(_ bytes: ByteBuffer) {
        guard UTF8Validation.isValid(bytes.readableBytesView), let packet = try? PacketDecoder.decode(bytes),
            packet.kind == .event, let json = packet.json
        else { return }
        let event = EventText(json)
        precondition(event != nil, "an event that was taken has a name")
        precondition((try? JSONSerialization.jsonObject(with: asFoundationReadsIt(json))) != nil)
        // What is passed on is read by others as it was here.
        let sent = PacketEncoder.event(Payload(json: json), namespace: packet.namespace, id: packet.id)
        var content = sent[0].content
        content.moveReaderIndex(forwardBy: 1)
        precondition((try? PacketDecoder.decode(content)) == packet)
    }

    /// JSON allows numbers that no `Double` can hold, and escaped halves of surrogate pairs. JavaScript reads both and
    /// Foundation neither, so others stand in their place.
    private static func asFoundationReadsIt(_ json: ByteBuffer) -> Data {
        var (result, number) = (Data(), [UInt8]())
        var (isInString, isEscaped, isHexadecimal) = (false, false, false)
        for byte in json.readableBytesView {
            if !isInString, isPartOfNumber(byte, after: number) {
                number.append(byte)
                continue
            }
            result += Double(String(decoding: number, as: UTF8.self))?.isInfinite == true ? [UInt8(ascii: "0")] : number
            number = []
            let isSurrogate = isHexadecimal && (byte | 0x20) == UInt8(ascii: "d")
            result.append(isSurrogate ? UInt8(ascii: "0") : byte)
            if byte == UInt8(ascii: "\""), !isEscaped { isInString.toggle() }
            isHexadecimal = byte == UInt8(ascii: "u") && isEscaped
            isEscaped = byte == UInt8(ascii: "\\") && !isEscaped
        }
        return result + number
    }

    private static func isPartOfNumber(_ byte: UInt8, after number: [UInt8]) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): true
        case UInt8(ascii: "+"), UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"): !number.isEmpty
        default: false
        }
    }

    /// The first byte says how many attachments there are.
    private static func attachments(_ bytes: ByteBuffer) {
        var bytes = bytes
        guard let count = bytes.readInteger(as: UInt8.self), UTF8Validation.isValid(bytes.readableBytesView) else {
            return
        }
        let attachmentCount = Int(count) % (PacketDecoder.attachmentsMax + 1)
        guard (try? PayloadValidator.checkEvent(bytes, attachmentCount: attachmentCount)) != nil,
            let text = EventText(bytes)
        else { return }
        _ = text.argumentsArray
        for index in 0..<4 { _ = text.argument(index) }
        let attachments = Array(repeating: ByteBuffer(), count: attachmentCount)
        let event = Event(text, attachments: attachments, acknowledgement: nil)
        precondition(EventText(event.renamed("other").json)?.name == "other")
        _ = try? event.decode(Binary.self)
    }

    /// What is taken is JSON to Foundation too.
    private static func json(_ input: UnsafeRawBufferPointer) {
        guard UTF8Validation.isValid(ByteBuffer(bytes: input).readableBytesView) else { return }
        var scanner = JSONScanner(input)
        do throws(JSONScanner.Malformed) {
            while try scanner.next() != nil {}
        } catch {
            return
        }
        guard scanner.offset == input.count else { return }
        let options: JSONSerialization.ReadingOptions = [.fragmentsAllowed]
        let isJSON = (try? JSONSerialization.jsonObject(with: Data(input), options: options)) != nil
        // Foundation refuses half surrogate pairs and numbers beyond its own, which are well-formed all the same.
        let text = String(decoding: input, as: UTF8.self)
        precondition(isJSON || text.contains("\\u") || text.contains(where: \.isNumber))
    }

    // MARK: Uploads

    /// What is taken has a size that can be shown, and its name stays as it was made.
    private static func image(_ input: UnsafeRawBufferPointer) {
        guard let header = try? ImageHeader(Array(input)) else { return }
        let sides = 1...ImageHeader.sideMax
        precondition(sides.contains(header.width) && sides.contains(header.height))
        precondition(header.width * header.height <= ImageHeader.pixelsMax)
        let name = FileName(String(decoding: input, as: UTF8.self), of: header.mediaType)
        precondition(FileName(name.description, of: header.mediaType) == name)
    }

    // MARK: Between servers

    private static func messagePack(_ bytes: ByteBuffer) {
        let payload = bytes.withUnsafeReadableBytes { raw -> Payload? in
            var reader = MessagePackReader(raw)
            return try? MessagePackToJSON.payload(&reader, of: bytes)
        }
        guard let payload else { return }
        var again = ByteBuffer()
        try? JSONToMessagePack.append(payload, to: &again)
    }

    private static func cluster(_ bytes: ByteBuffer) {
        _ = try? BroadcastMessage.decode(bytes, uid: "self", namespace: "/")
        _ = try? ClusterRequest.decode(bytes, namespace: "/")
        _ = try? ClusterResponse.decode(bytes) { _ in true }
    }
}
