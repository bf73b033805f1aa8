public import NIOCore

/// What can stand as an argument of a command: text, a number, or bytes.
public protocol RedisArgument: Sendable {
    /// The number of bytes that `writeArgument(into:)` writes.
    var argumentByteCount: Int { get }
    /// Writes the argument's bytes.
    func writeArgument(into buffer: inout ByteBuffer)
}

extension String: RedisArgument {
    /// The length in UTF-8.
    public var argumentByteCount: Int { utf8.count }
    /// Writes UTF-8.
    public func writeArgument(into buffer: inout ByteBuffer) { buffer.writeString(self) }
}

extension Int: RedisArgument {
    /// The number of decimal digits, and one for a sign.
    public var argumentByteCount: Int { String(self).utf8.count }
    /// Writes decimal digits.
    public func writeArgument(into buffer: inout ByteBuffer) { buffer.writeString(String(self)) }
}

extension [UInt8]: RedisArgument {
    /// The number of bytes.
    public var argumentByteCount: Int { count }
    /// Writes the bytes.
    public func writeArgument(into buffer: inout ByteBuffer) { buffer.writeBytes(self) }
}

extension ByteBuffer: RedisArgument {
    /// The number of readable bytes.
    public var argumentByteCount: Int { readableBytes }
    /// Writes the readable bytes.
    public func writeArgument(into buffer: inout ByteBuffer) { buffer.writeImmutableBuffer(self) }
}

extension ByteBuffer {
    /// A command of constant words.
    init(command name: String, _ arguments: String...) {
        self.init()
        writeCommand(name, arguments)
    }

    /// Appends a command as an array of bulk strings, as `redisFormatCommandArgv` does, but without hiredis' own
    /// allocation: a publish is encoded straight into the bytes that go to the socket.
    mutating func writeCommand(_ name: String, _ arguments: [any RedisArgument]) {
        writeArrayHeader(count: arguments.count + 1)
        writeBulk(name)
        for argument in arguments { writeBulk(argument) }
    }

    /// Appends `PUBLISH channel payload`, or SPUBLISH when `sharded`.
    mutating func writePublish(_ payload: ByteBuffer, to channel: String, sharded: Bool) {
        writeArrayHeader(count: 3)
        writeStaticString(sharded ? "$8\r\nSPUBLISH\r\n" : "$7\r\nPUBLISH\r\n")
        writeBulk(channel)
        writeBulk(payload)
    }

    private mutating func writeArrayHeader(count: Int) {
        writeInteger(UInt8(ascii: "*"))
        writeLineNumber(count)
    }

    private mutating func writeBulk(_ argument: some RedisArgument) {
        writeInteger(UInt8(ascii: "$"))
        writeLineNumber(argument.argumentByteCount)
        argument.writeArgument(into: &self)
        writeStaticString("\r\n")
    }

    private mutating func writeLineNumber(_ number: Int) {
        if number < 10 {
            writeInteger(UInt8(ascii: "0") + UInt8(number))
        } else {
            writeString(String(number))
        }
        writeStaticString("\r\n")
    }
}
