import Foundation
import Synchronization

/// Starts processes, all from one thread that lives as long as this process does.
///
/// PR_SET_PDEATHSIG is bound to the parent *thread*: a child that was started from a thread of a pool would get the signal
/// when the pool retires that thread, in the middle of its work (prctl(2): "the signal will be sent upon subsequent
/// termination of the parent thread").
final class ProcessSpawner: Sendable {
    static let shared = ProcessSpawner()

    /// POSIX_SPAWN_SETSID of glibc's spawn.h, which shows it only to C with _GNU_SOURCE.
    private static let newSession: Int16 = 0x80

    private typealias Job = @Sendable () -> Void
    private let jobs = Mutex<[Job]>([])
    private let available = DispatchSemaphore(value: 0)
    private let live = Mutex<[pid_t: ChildProcess]>([:])
    private let setpriv = Programs.find("setpriv")

    private init() {
        let thread = Thread { [self] in
            while true {
                available.wait()
                jobs.withLock { $0.isEmpty ? nil : $0.removeFirst() }?()
            }
        }
        thread.name = "spawner"
        thread.start()
    }

    /// Starts a process in a session of its own, so that Ctrl-C on the terminal reaches only the supervisor, which stops
    /// things in order.
    ///
    /// - Throws: `Failure` when the program cannot be executed.
    func spawn(_ specification: ProcessSpecification) async throws(Failure) -> ChildProcess {
        let result: Result<ChildProcess, Failure> = await withCheckedContinuation { continuation in
            jobs.withLock { jobs in
                jobs.append { [self] in
                    continuation.resume(returning: Result { () throws(Failure) in try start(specification) })
                }
            }
            available.signal()
        }
        return try result.get()
    }

    /// Runs a program to its end and gives back its exit status and the lines that it wrote.
    func run(_ specification: ProcessSpecification) async throws(Failure) -> (status: ExitStatus, lines: [String]) {
        let collected = Collected()
        let (closing, closed) = AsyncStream.makeStream(of: Void.self)
        var specification = specification
        specification.onOutput = { collected.append($0) }
        specification.onError = { collected.append($0) }
        specification.onClose = { closed.finish() }
        let child = try await spawn(specification)
        guard let status = await child.exit() else {
            await child.stop(patience: .seconds(5))
            throw Failure.interrupted
        }
        for await _ in closing {}
        return (status, collected.lines)
    }

    /// Kills whatever was started and still runs. PostgreSQL gets SIGQUIT, its immediate shutdown: SIGKILL would leave its
    /// shared memory behind.
    func killEverything() {
        for child in live.withLock({ Array($0.values) }) {
            child.send(child.name == PrivatePostgres.name ? SIGQUIT : SIGKILL)
        }
    }

    private func start(_ specification: ProcessSpecification) throws(Failure) -> ChildProcess {
        let commandLine = try specification.commandLine(setpriv: setpriv)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }

        // The supervisor ignores or blocks signals for itself; what it starts shall not inherit that.
        var all = sigset_t()
        sigfillset(&all)
        posix_spawnattr_setsigdefault(&attributes, &all)
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(
            &attributes,
            Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK) | Self.newSession
        )

        let output = try OutputPump.Pipe(for: specification.name)
        let errors = try OutputPump.Pipe(for: specification.name)
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output.writeEnd, 1)
        posix_spawn_file_actions_adddup2(&actions, errors.writeEnd, 2)

        let arguments = commandLine.map { strdup($0) } + [nil]
        let environment = specification.environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { (arguments + environment).forEach { free($0) } }
        var pid: pid_t = 0
        let code = posix_spawn(&pid, commandLine[0], &actions, &attributes, arguments, environment)
        close(output.writeEnd)
        close(errors.writeEnd)
        guard code == 0 else {
            close(output.readEnd)
            close(errors.readEnd)
            throw Failure(
                .unavailable,
                "cannot start \(specification.name) (\(commandLine[0])): \(String(cString: strerror(code)))"
            )
        }
        OutputPump.start(
            [(output, specification.onOutput), (errors, specification.onError)],
            onClose: specification.onClose
        )
        let child = ChildProcess(name: specification.name, pid: pid)
        live.withLock { $0[pid] = child }
        // Only forgets the child; there is nobody who would wait for that.
        Task { [self] in
            _ = await child.exit()
            live.withLock { $0[pid] = $0[pid] === child ? nil : $0[pid] }
        }
        return child
    }
}

/// Lines from two streams in the order of their arrival.
private final class Collected: Sendable {
    private let storage = Mutex<[String]>([])
    func append(_ line: String) { storage.withLock { $0.append(line) } }
    var lines: [String] { storage.withLock { $0 } }
}
