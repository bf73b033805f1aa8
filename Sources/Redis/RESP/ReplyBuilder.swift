internal import CHiredis
internal import NIOCore

/// Puts one reply together from the elements that hiredis reports depth first.
final class ReplyBuilder {
    private struct Level {
        var elements: [RedisValue]
        var count: Int
    }

    /// Longest string, in bytes, and the number of strings that are kept to be used again.
    private static let (repeatedBytesMax, repeatedMax) = (64, 8)

    private(set) var refusedElements = false
    private var repeated: [ByteBuffer] = []
    private var oldest = 0
    private var levels: [Level] = []
    private var root: RedisValue?

    /// The finished reply.
    func take() -> RedisValue? {
        defer { root = nil }
        return root
    }

    /// Returns false when the array claims more elements than are allowed.
    func beginArray(count: Int) -> Bool {
        guard count <= RedisReader.arrayElementsMax else {
            refusedElements = true
            return false
        }
        if count <= 0 {
            add(.array([]))
        } else {
            var elements: [RedisValue] = []
            // Not what Redis claims, but what it is likely to send: memory comes with the elements.
            elements.reserveCapacity(min(count, 16))
            levels.append(Level(elements: elements, count: count))
        }
        return true
    }

    /// A string; one that came shortly before costs no memory. Each message of a subscription begins with the same word,
    /// and many are on the same channel.
    func addString(_ bytes: UnsafeRawBufferPointer) {
        // The last one is a message's payload.
        guard isFollowed, bytes.count <= Self.repeatedBytesMax else { return add(.bulk(ByteBuffer(bytes: bytes))) }
        for known in repeated where known.readableBytes == bytes.count {
            if known.withUnsafeReadableBytes({ $0.elementsEqual(bytes) }) { return add(.bulk(known)) }
        }
        let string = ByteBuffer(bytes: bytes)
        if repeated.count < Self.repeatedMax {
            repeated.append(string)
        } else {
            repeated[oldest] = string
            oldest = (oldest + 1) % Self.repeatedMax
        }
        add(.bulk(string))
    }

    /// Whether the next element is one of an array, and not its last.
    private var isFollowed: Bool {
        guard let last = levels.indices.last else { return false }
        return levels[last].elements.count < levels[last].count - 1
    }

    func add(_ value: RedisValue) {
        var value = value
        while let last = levels.indices.last {
            levels[last].elements.append(value)
            guard levels[last].elements.count == levels[last].count else { return }
            value = .array(levels.removeLast().elements)
        }
        root = value
    }
}

/// The callbacks for hiredis' reader. What they return is only ever tested for NULL, so all return the same token.
enum RedisReaderFunctions {
    struct Table: @unchecked Sendable {
        /// Written once here and only read afterwards.
        let pointer: UnsafeMutablePointer<redisReplyObjectFunctions>
    }

    static let table: Table = {
        let pointer = UnsafeMutablePointer<redisReplyObjectFunctions>.allocate(capacity: 1)
        pointer.initialize(
            to: redisReplyObjectFunctions(
                createString: { task, bytes, count in
                    let raw = UnsafeRawBufferPointer(start: bytes, count: count)
                    switch task?.pointee.type {
                    case REDIS_REPLY_STATUS: return add(.status(String(decoding: raw, as: UTF8.self)), task)
                    case REDIS_REPLY_ERROR: return add(.error(String(decoding: raw, as: UTF8.self)), task)
                    default:
                        builder(task)?.addString(raw)
                        return token
                    }
                },
                createArray: { task, count in
                    builder(task)?.beginArray(count: Int(count)) == true ? token : nil
                },
                createInteger: { task, number in add(.integer(number), task) },
                createNil: { task in add(.null, task) },
                freeObject: { _ in }
            )
        )
        return Table(pointer: pointer)
    }()

    private static var token: UnsafeMutableRawPointer? { UnsafeMutableRawPointer(bitPattern: 1) }

    private static func builder(_ task: UnsafePointer<redisReadTask>?) -> ReplyBuilder? {
        task?.pointee.privdata.map { Unmanaged<ReplyBuilder>.fromOpaque($0).takeUnretainedValue() }
    }

    private static func add(
        _ value: RedisValue,
        _ task: UnsafePointer<redisReadTask>?
    ) -> UnsafeMutableRawPointer? {
        builder(task)?.add(value)
        return token
    }
}
