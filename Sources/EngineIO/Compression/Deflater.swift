internal import CZlib
package import NIOCore

/// Compresses texts, each for itself: nothing is kept from one to the next. Confined to its event loop.
package final class Deflater {
    package enum Format {
        /// The payload of a WebSocket message (RFC 7692, section 7.2.1), with a window of this many bits.
        case message(windowBits: Int32)
        /// A body of HTTP (RFC 1952).
        case gzip
        /// The same for a file, which is compressed once and sent many times: as small as zlib can.
        case gzipFile
    }

    private let format: Format
    // zlib keeps the address of its stream, so it may not move.
    private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)

    package init(_ format: Format) {
        self.format = format
        stream.initialize(to: z_stream())
        let windowBits: Int32 =
            switch format {
            case .message(let bits): -bits
            case .gzip, .gzipFile: 31
            }
        let level =
            switch format {
            case .message, .gzip: Z_DEFAULT_COMPRESSION
            case .gzipFile: Z_BEST_COMPRESSION
            }
        let size = Int32(MemoryLayout<z_stream>.size)
        let code = deflateInit2_(
            stream,
            level,
            Z_DEFLATED,
            windowBits,
            8,
            Z_DEFAULT_STRATEGY,
            ZLIB_VERSION,
            size
        )
        precondition(code == Z_OK, "zlib cannot begin: out of memory")
    }

    deinit {
        deflateEnd(stream)
        stream.deallocate()
    }

    package func compress(_ bytes: ByteBuffer) -> ByteBuffer {
        deflateReset(stream)
        // What deflate makes of it at most, and the end that a flush adds.
        let capacity = Int(deflateBound(stream, UInt(bytes.readableBytes))) + 16
        var output = ByteBuffer()
        output.reserveCapacity(capacity)
        bytes.withUnsafeReadableBytes { input in
            _ = output.writeWithUnsafeMutableBytes(minimumWritableBytes: capacity) { space in
                // zlib reads through this pointer and writes nothing.
                stream.pointee.next_in = UnsafeMutablePointer(
                    mutating: input.bindMemory(to: UInt8.self).baseAddress
                )
                stream.pointee.avail_in = UInt32(input.count)
                stream.pointee.next_out = space.bindMemory(to: UInt8.self).baseAddress
                stream.pointee.avail_out = UInt32(space.count)
                switch format {
                case .message: deflate(stream, Z_SYNC_FLUSH)
                case .gzip, .gzipFile: deflate(stream, Z_FINISH)
                }
                return space.count - Int(stream.pointee.avail_out)
            }
        }
        if case .message = format {
            // Section 7.2.1: the four octets 00 00 ff ff at the end are not sent.
            output.moveWriterIndex(to: output.writerIndex - Inflater.tail.count)
        }
        return output
    }
}
