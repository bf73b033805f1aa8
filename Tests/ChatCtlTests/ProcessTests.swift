import Foundation
import Testing

@testable import ChatCtl

@Suite struct ProcessTests {
    private func specification(_ script: String) -> ProcessSpecification {
        ProcessSpecification(
            name: "sh",
            executable: "/bin/sh",
            arguments: ["-c", script],
            environment: ["PATH": "/usr/bin:/bin", "A": "1 2"]
        )
    }

    @Test("a program's lines and exit code come back, all of them")
    func runs() async throws {
        let result = try await ProcessSpawner.shared.run(specification("echo \"$A\"; seq 1 5000; printf end; exit 7"))
        #expect(result.status == .exited(7))
        #expect(result.lines.count == 5002 && result.lines.first == "1 2" && result.lines.last == "end")
    }

    @Test("a program that does not exist is a failure with its path")
    func missing() async {
        await #expect(throws: Failure.self) {
            try await ProcessSpawner.shared.spawn(
                ProcessSpecification(name: "x", executable: "/nonexistent/x", environment: [:])
            )
        }
    }

    @Test("the working directory and the parent-death signal are set before the program runs")
    func wraps() async throws {
        var inRoot = specification("pwd")
        inRoot.workingDirectory = "/"
        inRoot.parentDeathSignal = .terminate
        #expect(try await ProcessSpawner.shared.run(inRoot).lines == ["/"])
        let line = try inRoot.commandLine(setpriv: "/usr/bin/setpriv")
        #expect(Array(line.prefix(5)) == ["/usr/bin/setpriv", "--pdeathsig", "TERM", "--", "/usr/bin/env"])
    }

    @Test("another user needs setpriv")
    func user() {
        var other = specification("id")
        other.user = SystemUser(name: "postgres", id: 5, groupID: 6)
        #expect(throws: Failure.self) { try other.commandLine(setpriv: nil) }
        let line = try? other.commandLine(setpriv: "/s").prefix(7)
        #expect(line == ["/s", "--reuid", "5", "--regid", "6", "--init-groups", "--"])
    }

    @Test("waiting for an exit ends with the waiting task")
    func cancelledWait() async throws {
        let child = try await ProcessSpawner.shared.spawn(specification("exec sleep 600"))
        let waiting = Task { await child.exit() }
        waiting.cancel()
        #expect(await waiting.value == nil)
        await child.stop(patience: .seconds(5))
        #expect(await child.exit() == .signalled(SIGTERM))
    }
}
