import Logging
import Foundation

/// Something that can be asked of PostgreSQL, and whom to tell.
protocol DatabaseJob: Sendable {
    /// When the caller stops waiting.
    var deadline: Deadline { get }
    func fail(_ error: any Error)
}

/// What a thread does with its jobs while the connection holds.
protocol DatabaseWorker<Job>: Sendable {
    associatedtype Job: DatabaseJob
    /// Serves the mailbox until it is closed and empty. Throws when the connection is of no use any more; jobs that can
    /// be tried again are back in the mailbox then, and all others have been told.
    func serve(_ mailbox: Mailbox<Job>, over connection: Connection) throws
}

/// A thread that owns one connection: it connects, serves, reconnects with growing pauses, and tells callers in time
/// when PostgreSQL cannot be reached.
///
/// A thread of its own because waiting in `poll` must block neither an event loop nor the cooperative pool.
final class ConnectionThread<Worker: DatabaseWorker>: Sendable {
    let mailbox: Mailbox<Worker.Job>
    private let name: String
    private let info: ConnectionInfo
    private let lockTimeoutMilliseconds: Int
    private let planning: Connection.Planning
    private let worker: Worker
    private let logger: Logger

    init(
        name: String,
        info: ConnectionInfo,
        queuedMax: Int,
        lockTimeoutMilliseconds: Int = Limits.lockTimeoutMilliseconds,
        planning: Connection.Planning = .forEachCall,
        worker: Worker,
        logger: Logger
    ) {
        mailbox = Mailbox(capacity: queuedMax)
        self.name = name
        self.info = info
        self.lockTimeoutMilliseconds = lockTimeoutMilliseconds
        self.planning = planning
        self.worker = worker
        self.logger = logger
    }

    /// Runs the thread until the mailbox is closed and empty.
    func run() async {
        await withCheckedContinuation { continuation in
            let thread = Thread { [self] in
                loop()
                continuation.resume()
            }
            thread.name = name
            thread.start()
        }
    }

    private func loop() {
        var pause = Limits.reconnectPauseMin
        while !(mailbox.isClosed && mailbox.count == 0) {
            do {
                let connection = try Connection.open(
                    info,
                    lockTimeoutMilliseconds: lockTimeoutMilliseconds,
                    planning: planning,
                    until: connectDeadline()
                )
                connection.onNotice = { [logger] notice in
                    logger.log(level: notice.isWarning ? .warning : .debug, "PostgreSQL: \(notice.message)")
                }
                logger.debug("connected to PostgreSQL", metadata: ["connection": "\(name)"])
                pause = Limits.reconnectPauseMin
                try worker.serve(mailbox, over: connection)
            } catch {
                logger.warning(
                    "connection to PostgreSQL lost",
                    metadata: ["connection": "\(name)", "error": "\(error)"]
                )
                // Jittered, so that the connections of a fleet do not come back all at once.
                wait(pause * Double.random(in: 0.5...1), because: error)
                pause = min(pause * 2, Limits.reconnectPauseMax)
            }
        }
    }

    /// An attempt to connect ends early enough to tell the callers that wait for it.
    private func connectDeadline() -> Deadline {
        expire(because: StorageError(.connection, "PostgreSQL cannot be reached"))
        let limit = Deadline.after(Limits.connectTimeout)
        return min(limit, mailbox.earliest(\.deadline) ?? limit)
    }

    private func wait(_ pause: Duration, because error: any Error) {
        let end = Deadline.after(pause)
        repeat {
            expire(because: error)
            if mailbox.isClosed || (error as? StorageError)?.kind == .unsafe {
                // No time is left to wait for a server that is away, and no use in waiting for one that is not safe.
                mailbox.remove { _ in true }.forEach { $0.fail(error) }
                return
            }
            _ = pollDescriptors([], until: min(end, mailbox.earliest(\.deadline) ?? end))
        } while !end.hasPassed
        expire(because: error)
    }

    private func expire(because error: any Error) {
        let now = Deadline.now
        mailbox.remove { $0.deadline <= now }.forEach { $0.fail(error) }
    }
}

extension Mailbox {
    /// Blocks until there is work or the mailbox is closed. Throws when the connection breaks meanwhile.
    func waitForWork(over connection: Connection) throws {
        while count == 0, !isClosed {
            let ready = pollDescriptors([(wakeUp.readEnd, .read), (connection.socket, .read)], until: nil)
            if ready[0] { wakeUp.reset() }
            // Nothing was asked, so this is a notice or the end of the connection.
            if ready[1] { try connection.consume() }
        }
    }
}
