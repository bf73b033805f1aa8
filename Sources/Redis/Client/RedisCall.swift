internal import NIOCore
internal import Synchronization

/// The node of a cluster to which a command should go cannot be reached; the command was not sent.
struct NodeUnreachable: Error {}

/// One command and the task that waits for its reply.
///
/// It is finished once: by the reply, the deadline, the caller's cancellation or the end of the connection, whichever
/// comes first. The others then find it finished. Its place in the order of replies stays, so that giving up one
/// command never shifts the replies of its neighbours.
final class RedisCall: Sendable {
    let name: String
    let bytes: ByteBuffer
    /// Goes to a node of a cluster that does not serve the key's slot yet.
    let isAsking: Bool

    private enum State {
        case new
        case waiting(CheckedContinuation<RedisValue, any Error>)
        case finished(Result<RedisValue, any Error>)
    }

    private let state = Mutex(State.new)

    init(name: String, bytes: ByteBuffer, isAsking: Bool = false) {
        self.name = name
        self.bytes = bytes
        self.isAsking = isAsking
    }

    var isFinished: Bool {
        state.withLock { state in
            if case .finished = state { true } else { false }
        }
    }

    func value() async throws -> RedisValue {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let result: Result<RedisValue, any Error>? = state.withLock { state in
                    if case .finished(let result) = state { return result }
                    state = .waiting(continuation)
                    return nil
                }
                if let result { continuation.resume(with: result) }
            }
        } onCancel: {
            finish(.failure(CancellationError()))
        }
    }

    func finish(_ result: Result<RedisValue, any Error>) {
        let continuation: CheckedContinuation<RedisValue, any Error>? = state.withLock { state in
            switch state {
            case .finished: return nil
            case .new:
                state = .finished(result)
                return nil
            case .waiting(let continuation):
                state = .finished(result)
                return continuation
            }
        }
        continuation?.resume(with: result)
    }
}
