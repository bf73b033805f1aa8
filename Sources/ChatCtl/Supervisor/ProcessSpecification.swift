/// What to start: a program, its arguments and environment, as whom, and what happens to its output.
struct ProcessSpecification: Sendable {
    /// A signal, as setpriv names it.
    enum DeathSignal: String, Sendable {
        case interrupt = "INT"
        case terminate = "TERM"
    }

    /// What a person calls it: "PostgreSQL", "i-2".
    var name: String
    /// The absolute path of the program.
    var executable: String
    var arguments: [String] = []
    var environment: [String: String]
    var workingDirectory: String?
    /// Run as this user instead of the caller. Only root can.
    var user: SystemUser?
    /// The signal that the kernel sends to the child when the supervisor dies without having stopped it (kill -9).
    /// Nil leaves the child alive.
    var parentDeathSignal: DeathSignal?
    /// Called for each line of standard output, in order, on the output queue. Must not block.
    var onOutput: @Sendable (String) -> Void = { _ in }
    /// The same for standard error.
    var onError: @Sendable (String) -> Void = { _ in }
    /// Called once, after the last line, when the process has closed both.
    var onClose: @Sendable () -> Void = {}

    /// The command line that is really executed. setpriv (util-linux) sets the parent-death signal and changes the
    /// user, then executes the program in its place, so that the process id stays the same.
    func commandLine(setpriv: String?) throws(Failure) -> [String] {
        var options: [String] = []
        if let parentDeathSignal, setpriv != nil {
            options += ["--pdeathsig", parentDeathSignal.rawValue]
        }
        if let user {
            options += ["--reuid", String(user.id), "--regid", String(user.groupID), "--init-groups"]
        }
        // Only after the change of user: the folder may be closed to the one or the other.
        let program = (workingDirectory.map { ["/usr/bin/env", "--chdir=\($0)"] } ?? []) + [executable] + arguments
        guard !options.isEmpty else { return program }
        guard let setpriv else {
            throw Failure(
                .unavailable,
                "the program setpriv is missing: \(name) cannot run as \(user?.name ?? "another user") without it",
                hint: "apt-get install util-linux"
            )
        }
        return [setpriv] + options + ["--"] + program
    }
}
