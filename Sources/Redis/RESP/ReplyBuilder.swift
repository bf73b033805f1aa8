internal import CHiredis
internal import NIOCore

/// Puts one reply together from the elements that hiredis reports depth first.
final class ReplyBuilder {
    private struct Level {
        var elements: [RedisValue]
        var count: Int
    }

    private(set) var refusedElements = false
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
                    let value: RedisValue =
                        switch task?.pointee.type {
                        case REDIS_REPLY_STATUS: .status(String(decoding: raw, as: UTF8.self))
                        case REDIS_REPLY_ERROR: .error(String(decoding: raw, as: UTF8.self))
                        default: .bulk(ByteBuffer(bytes: raw))
                        }
                    return add(value, task)
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
