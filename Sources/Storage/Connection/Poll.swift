#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// What to wait for on a file descriptor.
struct PollInterest: OptionSet {
    let rawValue: Int16
    static let read = PollInterest(rawValue: Int16(POLLIN))
    static let write = PollInterest(rawValue: Int16(POLLOUT))
}

/// Blocks this thread until one of the descriptors is ready or the time is over; tells which are.
func pollDescriptors(_ entries: [(descriptor: Int32, interest: PollInterest)], until deadline: Deadline?) -> [Bool] {
    var list = entries.map { pollfd(fd: $0.descriptor, events: $0.interest.rawValue, revents: 0) }
    while true {
        let count = poll(&list, nfds_t(list.count), deadline?.millisecondsLeft ?? -1)
        // Interrupted by a signal: wait on, for what is left.
        if count < 0, errno == EINTR { continue }
        return list.map { $0.revents != 0 }
    }
}

/// Wakes a thread that sits in `poll`: a pipe, written by whoever has work for it.
final class WakeUp: Sendable {
    let readEnd: Int32
    private let writeEnd: Int32

    init() {
        var ends: [Int32] = [-1, -1]
        // Only fails when the process is out of file descriptors, and then it cannot connect either.
        precondition(pipe(&ends) == 0, "no file descriptors left")
        for end in ends {
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
        }
        readEnd = ends[0]
        writeEnd = ends[1]
    }

    deinit {
        close(readEnd)
        close(writeEnd)
    }

    /// Never blocks: a full pipe means that the thread is about to wake anyway.
    func signal() {
        var byte: UInt8 = 1
        _ = write(writeEnd, &byte, 1)
    }

    /// Forgets the signals so far. Call it before looking for work, so that none is missed.
    func reset() {
        var bytes = [UInt8](repeating: 0, count: 256)
        while read(readEnd, &bytes, bytes.count) == bytes.count {}
    }
}
