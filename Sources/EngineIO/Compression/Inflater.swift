internal import CZlib
import NIOCore

/// Decompresses the payloads of WebSocket messages, each for itself (RFC 7692, section 7.2.2). Confined to its event
/// loop.
final class Inflater {
    /// What a sender leaves out behind each message.
    static let tail: [UInt8] = [0x00, 0x00, 0xff, 0xff]
    /// How much is decompressed at once, in bytes.
    private static let stepBytes = 16_384

    private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)

    init() {
        stream.initialize(to: z_stream())
        let code = inflateInit2_(stream, -15, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        precondition(code == Z_OK, "zlib cannot begin: out of memory")
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    /// Decompresses a message; no more than `bytesMax` is ever written, however small the message is.
    ///
    /// - Throws: The code with which the connection has to be closed.
    func decompress(_ message: ByteBuffer, bytesMax: Int) throws(WebSocketCloseCode) -> ByteBuffer {
        inflateReset(stream)
        var input = message
        input.writeBytes(Self.tail)
        var output = ByteBuffer()
        var isOver = false
        while !isOver {
            let code = step(&input, into: &output)
            guard output.readableBytes <= bytesMax else { throw .messageTooBig }
            switch code {
            case Z_OK: isOver = input.readableBytes == 0 && stream.pointee.avail_out > 0
            // The last block said that it is the last: what follows is the tail at most.
            case Z_STREAM_END: isOver = true
            case Z_BUF_ERROR where input.readableBytes == 0: isOver = true
            default: throw .invalidData
            }
        }
        return output
    }

    private func step(_ input: inout ByteBuffer, into output: inout ByteBuffer) -> Int32 {
        var code = Z_OK
        input.readWithUnsafeMutableReadableBytes { bytes in
            stream.pointee.next_in = bytes.bindMemory(to: UInt8.self).baseAddress
            stream.pointee.avail_in = UInt32(bytes.count)
            _ = output.writeWithUnsafeMutableBytes(minimumWritableBytes: Self.stepBytes) { space in
                let size = min(space.count, Self.stepBytes)
                stream.pointee.next_out = space.bindMemory(to: UInt8.self).baseAddress
                stream.pointee.avail_out = UInt32(size)
                code = inflate(stream, Z_SYNC_FLUSH)
                return size - Int(stream.pointee.avail_out)
            }
            return bytes.count - Int(stream.pointee.avail_in)
        }
        return code
    }
}
