import Foundation
import Synchronization

/// `up --detach`: the same command runs again in a session of its own; the first one shows what it says until it is ready.
enum Detaching {
    /// Holds how the first command was called, for the hints.
    static let mark = "CHATCTL_DETACHED"

    /// Whether this is the command that runs on in the background.
    static var isInBackground: Bool { ProcessInfo.processInfo.environment[mark] != nil }

    /// Starts the supervisor in the background and waits until it is ready or has failed.
    static func startInBackground(data: DataDirectory) async throws {
        var environment = ProcessInfo.processInfo.environment
        environment[mark] = Programs.asTyped
        let (closing, closed) = AsyncStream.makeStream(of: Void.self)
        let supervisor = ProcessSpecification(
            name: "supervisor",
            executable: Programs.own,
            arguments: CommandLine.arguments.dropFirst().filter { $0 != "--detach" },
            environment: environment,
            onOutput: { Console.write($0 + "\n", to: STDOUT_FILENO) },
            onError: { Console.write($0 + "\n", to: STDERR_FILENO) },
            onClose: { closed.finish() }
        )
        let child = try await ProcessSpawner.shared.spawn(supervisor)
        for await _ in closing {}
        // It closes its output when it is ready; otherwise it has ended, and has said why.
        if let state = SupervisorState.read(data), state.pid == child.pid, state.phase == .ready { return }
        guard case .exited(let code)? = await child.exit() else {
            throw Failure(.internalError, "the supervisor was killed", hint: "its log: \(data.logs)/supervisor.log")
        }
        Foundation.exit(code)
    }

    /// In the background process: gives up the terminal. What is said from now on is in the supervisor's log.
    static func letGo() {
        guard isInBackground else { return }
        let null = open("/dev/null", O_RDWR)
        for descriptor in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] { dup2(null, descriptor) }
        if null > STDERR_FILENO { close(null) }
    }
}
