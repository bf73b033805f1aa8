internal import CHiredis
internal import NIOCore

/// Cuts a stream of bytes into replies with hiredis' reader.
///
/// hiredis calls back for each element it completes. The callbacks put the values together in a `ReplyBuilder`, so
/// that hiredis allocates no reply objects of its own and each string is copied once. Nesting is limited by hiredis
/// itself (7 arrays in one another); the lengths below are ours, because hiredis would wait for any number of bytes.
final class RedisReader {
    /// Longest reply that is waited for, in bytes.
    static let replyBytesMax = 64 << 20
    /// Most elements of one array: Redis claims the number before it sends them.
    static let arrayElementsMax = 1 << 20
    /// hiredis moves the rest of its buffer to the front after each KiB, so small pieces keep that cheap.
    private static let feedBytes = 8 << 10

    private let reader: UnsafeMutablePointer<redisReader>
    private let builder = ReplyBuilder()

    init() {
        // hiredis returns NULL only when malloc did, which nothing here survives anyway.
        reader = redisReaderCreateWithFunctions(RedisReaderFunctions.table.pointer)!
        reader.pointee.privdata = Unmanaged.passUnretained(builder).toOpaque()
    }

    deinit { redisReaderFree(reader) }

    /// Calls `body` for each reply that `bytes` complete. What they leave incomplete is kept for the next call.
    func feed(_ bytes: ByteBuffer, _ body: (RedisValue) throws(RedisError) -> Void) throws(RedisError) {
        var rest = bytes
        while let piece = rest.readSlice(length: min(rest.readableBytes, Self.feedBytes)), piece.readableBytes > 0 {
            let status = piece.withUnsafeReadableBytes { raw in
                redisReaderFeed(reader, raw.baseAddress?.assumingMemoryBound(to: CChar.self), raw.count)
            }
            guard status == REDIS_OK else { throw failure() }
            while let value = try next() { try body(value) }
            guard reader.pointee.len - reader.pointee.pos <= Self.replyBytesMax else {
                throw .protocolViolation("a reply is longer than \(Self.replyBytesMax) bytes")
            }
        }
    }

    private func next() throws(RedisError) -> RedisValue? {
        var reply: UnsafeMutableRawPointer?
        guard redisReaderGetReply(reader, &reply) == REDIS_OK else { throw failure() }
        return reply == nil ? nil : builder.take()
    }

    private func failure() -> RedisError {
        if builder.refusedElements {
            return .protocolViolation("an array has more than \(Self.arrayElementsMax) elements")
        }
        let text = withUnsafeBytes(of: reader.pointee.errstr) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        return .protocolViolation(text)
    }
}
