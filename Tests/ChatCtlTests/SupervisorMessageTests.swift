import Foundation
import NIOCore
import Testing

@testable import ChatCtl

@Suite("Supervisor's socket")
struct SupervisorMessageTests {
    private let plan = DrainPlan(spreadMilliseconds: 10, timeoutMilliseconds: 1_000)

    @Test("a request is carried out, its steps are told, and a failure keeps its exit code")
    func conversation() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "s-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "control.sock").path
        let door = SupervisorDoor(path: path)
        let serving = Task {
            try await door.serve { request, tell in
                guard case .scale(let count, _) = request else { throw Failure(.notFound, "no such instance") }
                for index in 1...count {
                    tell(.stepped(SupervisorStep(index: index, of: count, started: "i-\(index)")))
                }
            }
        }
        defer { serving.cancel() }
        let client = SupervisorClient(path: path)
        var steps: [String?] = []
        while true {
            do {
                try await client.ask(.scale(count: 2, drain: plan)) { event in
                    if case .stepped(let step) = event { steps.append(step.started) }
                }
                break
            } catch let failure as Failure where failure.kind == .unavailable {
                await Task.yield()  // it does not listen yet
            }
        }
        #expect(steps == ["i-1", "i-2"])
        let failure = await #expect(throws: Failure.self) {
            try await client.ask(.restart(instances: ["i-9"], unavailableMax: 1, drain: plan)) { _ in }
        }
        #expect(failure?.kind == .notFound)
    }

    @Test("bytes are cut at newlines, wherever they were cut before")
    func lines() throws {
        var splitter = LineSplitter(bytesMax: 10)
        #expect(try splitter.add(ByteBuffer(string: "one\ntw")) == ["one"])
        #expect(try splitter.add(ByteBuffer(string: "o\n\n")) == ["two", ""])
        #expect(throws: LineSplitter.TooLong.self) { try splitter.add(ByteBuffer(string: "01234567890")) }
    }

    @Test("a step is told on one line")
    func step() {
        var step = SupervisorStep(index: 1, of: 3, stopped: "i-1", started: "i-4", sockets: 14, left: 0)
        step.drainMilliseconds = 6_200
        #expect(StepReport.line(step) == "[1/3] i-1  drained 14 → 0 sockets in 6.20 s, stopped; i-4 ready")
    }
}
