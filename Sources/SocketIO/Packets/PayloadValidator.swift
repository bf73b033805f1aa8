import NIOCore

/// Checks the JSON of a packet: well-formed, of the right shape, and its placeholders fit the attachments.
enum PayloadValidator {
    typealias Malformed = PacketDecoder.Malformed

    /// Longest name of an event, in bytes.
    static let eventNameBytesMax = 256

    static func checkObject(_ json: ByteBuffer) throws(Malformed) {
        guard json.getInteger(at: json.readerIndex, as: UInt8.self) == UInt8(ascii: "{") else { throw Malformed() }
        try check(json, attachmentCount: 0)
    }

    static func checkArray(_ json: ByteBuffer, attachmentCount: Int) throws(Malformed) {
        guard json.getInteger(at: json.readerIndex, as: UInt8.self) == UInt8(ascii: "[") else { throw Malformed() }
        try check(json, attachmentCount: attachmentCount)
    }

    /// An event is an array that begins with its name, a text. (The reference also lets a number pass, which no
    /// handler can be registered for.)
    static func checkEvent(_ json: ByteBuffer, attachmentCount: Int) throws(Malformed) {
        try checkArray(json, attachmentCount: attachmentCount)
        guard let name = EventText(json)?.name, name.utf8.count <= eventNameBytesMax, !ReservedEvent.contains(name)
        else {
            throw Malformed()
        }
    }

    /// Walks through the text once.
    ///
    /// A packet with attachments is passed on to other clients as it came; a placeholder that names an attachment
    /// which does not exist would make every one of them disconnect. So each attachment has to be named exactly once.
    private static func check(_ json: ByteBuffer, attachmentCount: Int) throws(Malformed) {
        let isSound = json.withUnsafeReadableBytes { bytes -> Bool in
            var scanner = JSONScanner(bytes)
            var placeholders = PlaceholderWatch(bytes)
            do throws(JSONScanner.Malformed) {
                while let token = try scanner.next() {
                    if attachmentCount > 0 { placeholders.see(token) }
                }
            } catch {
                return false
            }
            guard scanner.offset == bytes.count else { return false }
            return attachmentCount == 0 || placeholders.isComplete(attachmentCount)
        }
        guard isSound else { throw Malformed() }
    }
}

/// Collects the `num` of each `{"_placeholder":true,"num":n}` that goes by.
private struct PlaceholderWatch {
    private let bytes: UnsafeRawBufferPointer
    /// Numbers of the attachments that were named, one bit each.
    private var named: UInt64 = 0
    private var isBroken = false
    private var objects: [Candidate] = []
    private var key = Key.other

    private struct Candidate {
        var isPlaceholder = false
        var number: Int?
        /// How often the object has a member `num`: of several, which one counts is up to who reads it.
        var numbers = 0
    }

    private enum Key {
        case placeholder
        case number
        case other
    }

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    mutating func see(_ token: JSONScanner.Token) {
        switch token {
        case .beginObject:
            objects.append(Candidate())
        case .endObject:
            if let object = objects.popLast(), object.isPlaceholder { name(object.numbers == 1 ? object.number : nil) }
        case .key(let range, let escaped):
            key = name(of: range, escaped: escaped)
            if key == .number { objects[objects.count - 1].numbers += 1 }
            return
        case .bool(true) where key == .placeholder:
            objects[objects.count - 1].isPlaceholder = true
        case .number(let range) where key == .number:
            objects[objects.count - 1].number = Int(String(decoding: bytes[range], as: UTF8.self))
        case .beginArray, .endArray, .string, .number, .bool, .null:
            break
        }
        key = .other
    }

    func isComplete(_ count: Int) -> Bool {
        !isBroken && named == (1 << UInt64(count)) - 1
    }

    private func name(of range: Range<Int>, escaped: Bool) -> Key {
        if escaped {
            // `_placeh\u006flder` is the same name to who reads it.
            return Self.key(EventText.unescape(String(decoding: bytes[range], as: UTF8.self))?.utf8 ?? "".utf8)
        }
        return Self.key(bytes[range])
    }

    private static func key(_ name: some Sequence<UInt8>) -> Key {
        if name.elementsEqual("_placeholder".utf8) { return .placeholder }
        if name.elementsEqual("num".utf8) { return .number }
        return .other
    }

    private mutating func name(_ number: Int?) {
        guard let number, (0..<PacketDecoder.attachmentsMax).contains(number), named & 1 << UInt64(number) == 0 else {
            isBroken = true
            return
        }
        named |= 1 << UInt64(number)
    }
}
