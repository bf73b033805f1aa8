internal import Foundation
package import Logging
internal import NIOCore
package import Redis

/// Questions to instances and their answers, over Redis.
///
/// Each instance listens on a channel of its own. A question names the channel on which its asker listens, so an answer
/// needs no registry of askers, and one that comes too late goes nowhere.
package struct ControlChannel: Sendable {
    private let redis: RedisClient
    private let prefix: String
    private let logger: Logger

    private struct Question: Codable {
        var id: String
        var replyTo: String
        var action: ControlAction
    }

    private struct Reply: Codable {
        var id: String
        var answer: ControlAnswer
    }

    /// - Parameter prefix: Begins every channel, as with `InstanceRegistry`.
    package init(redis: RedisClient, prefix: String = "chat", logger: Logger = Logger(label: "fleet")) {
        self.redis = redis
        self.prefix = prefix
        self.logger = logger
    }

    // MARK: The instance

    /// Answers what `instance` is asked, until the task is cancelled. Each question has a task of its own, so that a long
    /// one does not keep the next one waiting.
    package func serve(_ instance: String, handle: @escaping @Sendable (ControlAction) async -> ControlAnswer) async {
        let (questions, incoming) = AsyncStream.makeStream(of: ByteBuffer.self, bufferingPolicy: .bufferingOldest(256))
        let subscription = redis.subscribe(.channel, channel(of: instance)) { event in
            if case .message(_, let payload) = event { incoming.yield(payload) }
        }
        defer { subscription.cancel() }
        await withDiscardingTaskGroup { group in
            for await payload in questions {
                guard let question = try? ControlCoding.decode(Question.self, from: Data(payload.readableBytesView))
                else {
                    // A newer chatctl may ask what this version does not know; to it this instance stays silent.
                    logger.debug("cannot read a control request")
                    continue
                }
                group.addTask {
                    let reply = Reply(id: question.id, answer: await handle(question.action))
                    guard let json = try? ControlCoding.encode(reply) else { return }
                    redis.publish(ByteBuffer(bytes: json), to: question.replyTo)
                }
            }
        }
    }

    // MARK: The asker

    /// Asks these instances at once and waits for all answers, but not beyond the deadline.
    ///
    /// - Returns: The answers that came, by instance; whoever is missing was silent.
    /// - Throws: `RedisError`, or `CancellationError`.
    package func ask(
        _ action: ControlAction,
        of instances: [String],
        deadline: Duration = ControlLimits.deadline
    ) async throws -> [String: ControlAnswer] {
        guard !instances.isEmpty else { return [:] }
        let id = UUID().uuidString.lowercased()
        let replyTo = "\(prefix):control:reply:\(id)"
        let (replies, incoming) = AsyncStream.makeStream(of: ControlAnswer.self)
        let subscription = redis.subscribe(.channel, replyTo) { event in
            guard case .message(_, let payload) = event,
                let reply = try? ControlCoding.decode(Reply.self, from: Data(payload.readableBytesView)),
                reply.id == id
            else { return }
            incoming.yield(reply.answer)
        }
        defer { subscription.cancel() }
        try await subscription.waitUntilActive()
        let question = ByteBuffer(bytes: try ControlCoding.encode(Question(id: id, replyTo: replyTo, action: action)))
        for instance in instances { try await redis.command("PUBLISH", channel(of: instance), question) }

        let timer = Task {
            try? await Task.sleep(for: deadline)
            incoming.finish()
        }
        defer { timer.cancel() }
        var answers: [String: ControlAnswer] = [:]
        for await answer in replies {
            answers[answer.instance] = answer
            if answers.count == instances.count { break }
        }
        try Task.checkCancellation()
        return answers
    }

    private func channel(of instance: String) -> String { "\(prefix):control:\(instance)" }
}
