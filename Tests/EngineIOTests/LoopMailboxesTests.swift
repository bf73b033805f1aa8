import NIOCore
import NIOPosix
import Synchronization
import TestSupport
import Testing

@testable import EngineIO

@Suite(.timeLimit(.minutes(2))) struct LoopMailboxesTests {
    private final class Log: Sendable {
        private let entries = Mutex<[Int]>([])
        func add(_ entry: Int) { entries.withLock { $0.append(entry) } }
        var all: [Int] { entries.withLock { $0 } }
    }

    private func with(loops: Int, _ body: (LoopMailboxes) async throws -> Void) async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: loops)
        do {
            try await body(LoopMailboxes(group))
        } catch {
            try await group.shutdownGracefully()
            throw error
        }
        try await group.shutdownGracefully()
    }

    @Test("what many tasks post to all loops is done in the same order on each")
    func totalOrder() async throws {
        try await with(loops: 4) { mailboxes async throws in
            let logs = mailboxes.loops.map { _ in Log() }
            let (tasks, each) = (8, 500)
            await withTaskGroup(of: Void.self) { group in
                for task in 0..<tasks {
                    group.addTask {
                        for number in 0..<each {
                            mailboxes.inOrder { order in
                                order.postToAll { logs[$0.index].add(task * each + number) }
                            }
                        }
                    }
                }
            }
            try await eventually("all is done") { logs.allSatisfy { $0.all.count == tasks * each } }
            let first = logs[0].all
            #expect(logs.allSatisfy { $0.all == first })
            for task in 0..<tasks {
                #expect(first.filter { $0 / each == task } == Array(task * each..<(task + 1) * each))
            }
        }
    }

    @Test("work posted to single loops keeps its place among work posted to all")
    func mixedOrder() async throws {
        try await with(loops: 3) { mailboxes async throws in
            let logs = mailboxes.loops.map { _ in Log() }
            for number in 0..<300 {
                mailboxes.inOrder { order in
                    if number.isMultiple(of: 3) {
                        order.postToAll { logs[$0.index].add(number) }
                    } else {
                        order.post(to: number % 2) { logs[$0.index].add(number) }
                    }
                }
            }
            try await eventually("all is done") { logs.map(\.all.count).reduce(0, +) == 100 * 3 + 200 }
            for log in logs { #expect(log.all == log.all.sorted()) }
        }
    }

    @Test("posting does not run the work inline, not even on the loop itself")
    func neverInline() async throws {
        try await with(loops: 1) { mailboxes async throws in
            let log = Log()
            let loop = mailboxes.loops[0]
            try await loop.submit {
                mailboxes.inOrder { order in order.postToAll { _ in log.add(2) } }
                log.add(1)
            }.get()
            try await eventually("all is done") { log.all == [1, 2] }
        }
    }

    @Test("work may post more work, which comes behind what is there")
    func reposts() async throws {
        try await with(loops: 2) { mailboxes async throws in
            let log = Log()
            mailboxes.inOrder { order in
                order.post(to: 0) { _ in
                    log.add(1)
                    mailboxes.inOrder { order in order.post(to: 0) { _ in log.add(3) } }
                }
                order.post(to: 0) { _ in log.add(2) }
            }
            try await eventually("all is done") { log.all == [1, 2, 3] }
        }
    }

    @Test("what the body returns and changes is one step as seen by everybody else")
    func oneStep() async throws {
        try await with(loops: 2) { mailboxes async throws in
            nonisolated(unsafe) var counter = 0
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<8 {
                    group.addTask { for _ in 0..<1_000 { mailboxes.inOrder { _ in counter += 1 } } }
                }
            }
            #expect(mailboxes.inOrder { _ in counter } == 8_000)
        }
    }
}
