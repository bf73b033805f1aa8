internal import NIOCore
internal import SocketIO

// `opts` of a broadcast or a request: {"rooms":[…],"except":[…],"flags":{…}}.
extension ByteBuffer {
    /// The order in which Node's two publishers write the members. Receivers must not rely on it.
    enum OptionsOrder {
        /// rooms, except, flags
        case adapter
        /// rooms, flags, except
        case emitter
    }

    mutating func writeMessagePack(_ options: BroadcastOptions, order: OptionsOrder) {
        writeMessagePackMapHeader(count: 3)
        writeMessagePack("rooms")
        writeMessagePack(options.rooms)
        if order == .emitter { writeFlags(options.flags) }
        writeMessagePack("except")
        writeMessagePack(options.except)
        if order == .adapter { writeFlags(options.flags) }
    }

    private mutating func writeMessagePack(_ rooms: [Room]) {
        writeMessagePackArrayHeader(count: rooms.count)
        for room in rooms { writeMessagePack(room.name) }
    }

    /// `local` is never written: what is local is not published.
    private mutating func writeFlags(_ flags: BroadcastOptions.Flags) {
        writeMessagePack("flags")
        writeMessagePack(.map) { buffer in
            var count = 0
            if flags.volatile {
                buffer.writeMessagePack("volatile")
                buffer.writeMessagePack(true)
                count += 1
            }
            if let compress = flags.compress {
                buffer.writeMessagePack("compress")
                buffer.writeMessagePack(compress)
                count += 1
            }
            if let timeout = flags.timeout {
                buffer.writeMessagePack("timeout")
                buffer.writeMessagePack(Int64(timeout / .milliseconds(1)))
                count += 1
            }
            return count
        }
    }

    /// `{"rooms":[…],"except":[…]}`: the requests of the classic form carry no flags.
    mutating func writeJSON(_ options: BroadcastOptions) {
        writeRooms(of: options)
        writeStaticString("}")
    }

    /// `{"rooms":[…],"except":[…],"flags":{…}}`
    mutating func writeJSONWithFlags(_ options: BroadcastOptions) {
        writeRooms(of: options)
        writeStaticString(",\"flags\":{")
        var separator: StaticString = ""
        if options.flags.volatile {
            writeStaticString("\"volatile\":true")
            separator = ","
        }
        if let compress = options.flags.compress {
            writeStaticString(separator)
            writeStaticString(compress ? "\"compress\":true" : "\"compress\":false")
            separator = ","
        }
        if let timeout = options.flags.timeout {
            writeStaticString(separator)
            writeStaticString("\"timeout\":")
            writeString(String(Int64(timeout / .milliseconds(1))))
        }
        writeStaticString("}}")
    }

    private mutating func writeRooms(of options: BroadcastOptions) {
        writeStaticString("{\"rooms\":")
        writeJSON(options.rooms)
        writeStaticString(",\"except\":")
        writeJSON(options.except)
    }

    mutating func writeJSON(_ rooms: [Room]) {
        writeInteger(UInt8(ascii: "["))
        for (index, room) in rooms.enumerated() {
            if index > 0 { writeInteger(UInt8(ascii: ",")) }
            writeJSONString(room.name)
        }
        writeInteger(UInt8(ascii: "]"))
    }
}

extension MessagePackReader {
    mutating func options() throws(CodecError) -> BroadcastOptions {
        var options = BroadcastOptions()
        for _ in 0..<(try mapCount("opts")) {
            switch try string("opts") {
            case "rooms": options.rooms = try rooms("rooms")
            case "except": options.except = try rooms("except")
            case "flags": options.flags = try flags()
            default: _ = try skip()
            }
        }
        return options
    }

    mutating func rooms(_ what: String) throws(CodecError) -> [Room] {
        switch try next() {
        case .null, .undefined:
            return []
        case .array(let count):
            var rooms = RoomList(what)
            for _ in 0..<count {
                switch try next() {
                case .string(let range): try rooms.add(try string(range))
                // A JavaScript server may use a number as a room; here every room has a text for a name.
                case .integer(let number): try rooms.add(String(number))
                default: throw .member(what)
                }
            }
            return rooms.rooms
        default:
            throw .member(what)
        }
    }

    private mutating func flags() throws(CodecError) -> BroadcastOptions.Flags {
        var flags = BroadcastOptions.Flags()
        switch try next() {
        case .null, .undefined:
            return flags
        case .map(let count):
            for _ in 0..<count {
                let name = try string("flags")
                let value = try next()
                switch (name, value) {
                case ("volatile", .bool(let isSet)): flags.volatile = isSet
                case ("compress", .bool(let isSet)): flags.compress = isSet
                case ("timeout", .integer(let number)): flags.setTimeout(milliseconds: Double(number))
                case ("timeout", .double(let number)): flags.setTimeout(milliseconds: number)
                case (_, .array(let count)): for _ in 0..<count { _ = try skip() }
                case (_, .map(let count)): for _ in 0..<2 * count { _ = try skip() }
                default: break
                }
            }
            return flags
        default:
            throw .member("flags")
        }
    }
}

extension JSONReader {
    mutating func options() throws -> BroadcastOptions {
        var options = BroadcastOptions()
        try members(of: "opts") { name, reader in
            switch name {
            case "rooms": options.rooms = try reader.rooms("rooms")
            case "except": options.except = try reader.rooms("except")
            case "flags": options.flags = try reader.flags()
            default: _ = try reader.value()
            }
        }
        return options
    }

    private mutating func flags() throws -> BroadcastOptions.Flags {
        var flags = BroadcastOptions.Flags()
        try members(of: "flags") { name, reader in
            switch name {
            case "volatile": flags.volatile = try reader.bool("flags.volatile")
            case "compress": flags.compress = try reader.bool("flags.compress")
            case "timeout": flags.setTimeout(milliseconds: try reader.number("flags.timeout"))
            default: _ = try reader.value()
            }
        }
        return flags
    }
}

extension BroadcastOptions.Flags {
    /// Any number may stand there; a duration that is used must be finite and sensible.
    fileprivate mutating func setTimeout(milliseconds: Double) {
        guard milliseconds >= 0 else { return }
        timeout = .milliseconds(Int64(min(milliseconds, WireLimits.timeoutMax / .milliseconds(1))))
    }
}
