internal import NIOCore
internal import SocketIO

/// Reads the members of JSON objects one by one and checks their types.
struct JSONReader {
    let text: UnsafeRawBufferPointer
    private var scanner: JSONScanner

    init(_ text: UnsafeRawBufferPointer) {
        self.text = text
        scanner = JSONScanner(text)
    }

    /// Reads an object. `body` gets each name and reads exactly one value.
    mutating func members(of what: String, _ body: (String, inout JSONReader) throws -> Void) throws {
        guard try scanner.next() == .beginObject else { throw CodecError.member(what) }
        while case .key(let range, let escaped) = try scanner.next() {
            try body(try string(range, escaped: escaped), &self)
        }
    }

    /// Reads an array. `body` reads exactly one value for each element.
    mutating func elements(of what: String, _ body: (inout JSONReader) throws -> Void) throws {
        guard try scanner.next() == .beginArray else { throw CodecError.member(what) }
        while true {
            var ahead = scanner
            if try ahead.next() == .endArray {
                scanner = ahead
                return
            }
            try body(&self)
        }
    }

    mutating func string(_ what: String) throws -> String {
        guard case .string(let range, let escaped) = try scanner.next() else { throw CodecError.member(what) }
        return try string(range, escaped: escaped)
    }

    mutating func bool(_ what: String) throws -> Bool {
        guard case .bool(let value) = try scanner.next() else { throw CodecError.member(what) }
        return value
    }

    mutating func number(_ what: String) throws -> Double {
        guard
            case .number(let range) = try scanner.next(),
            let value = Double(String(decoding: text[range], as: UTF8.self))
        else { throw CodecError.member(what) }
        return value
    }

    mutating func integer(_ what: String) throws -> Int {
        guard let value = Int(exactly: try number(what)) else { throw CodecError.member(what) }
        return value
    }

    /// Passes over any value and returns the range of its text.
    mutating func value() throws -> Range<Int> { try scanner.skipValue() }

    /// The rooms of an array of names; none for `null`.
    mutating func rooms(_ what: String) throws -> [Room] {
        var ahead = scanner
        if try ahead.next() == .null {
            scanner = ahead
            return []
        }
        var rooms = RoomList(what)
        try elements(of: what) { reader in try rooms.add(try reader.room(what)) }
        return rooms.rooms
    }

    /// The name of a room; a JavaScript server may use a number as one.
    mutating func room(_ what: String) throws -> String {
        switch try scanner.next() {
        case .string(let range, let escaped): return try string(range, escaped: escaped)
        case .number(let range): return String(decoding: text[range], as: UTF8.self)
        default: throw CodecError.member(what)
        }
    }

    /// Reads `{"type":2,"data":[…]}`, whose text is checked and is that of `message`.
    mutating func packet(of message: ByteBuffer) throws -> Payload {
        var event: Payload?
        try members(of: "packet") { name, reader in
            switch name {
            case "type":
                let type = try reader.integer("packet.type")
                guard type == 2 || type == 5 else { throw CodecError.member("packet.type") }
            case "data": event = Payload(json: try message.bytes(try reader.value()))
            default: _ = try reader.value()
            }
        }
        guard let event else { throw CodecError.member("packet.data") }
        return event
    }

    /// Throws when anything but white space follows what was read.
    func end() throws {
        let rest = text[scanner.offset...]
        guard rest.allSatisfy({ $0 == 0x20 || $0 == 0x0a || $0 == 0x0d || $0 == 0x09 }) else {
            throw CodecError.malformed
        }
    }

    private func string(_ range: Range<Int>, escaped: Bool) throws -> String {
        try JSONUnescape.string(UnsafeRawBufferPointer(rebasing: text[range]), escaped: escaped)
    }
}

/// Gathers the names of rooms from a message, without repetitions and within `WireLimits`.
struct RoomList {
    private(set) var rooms: [Room] = []
    private var seen: Set<Room> = []
    private let what: String

    init(_ what: String) { self.what = what }

    mutating func add(_ name: String) throws(CodecError) {
        guard name.utf8.count <= WireLimits.roomBytesMax, rooms.count < WireLimits.roomsMax else { throw .tooLarge }
        let room = Room(name)
        // One room is the common case and needs no set.
        if rooms.count == 1 { seen.insert(rooms[0]) }
        guard rooms.isEmpty || seen.insert(room).inserted else { return }
        rooms.append(room)
    }
}
