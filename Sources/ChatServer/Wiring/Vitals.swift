import Fleet
import Foundation
import NIOCore
import NIOPosix
import SocketIO
import Synchronization

/// What an instance tells the fleet about itself.
final class Vitals: Sendable {
    private let configuration: ServerConfiguration
    private let namespace: Namespace
    private let startedAt = Date()
    private let changing = Mutex(Changing())

    private struct Changing {
        var state = InstanceRecord.State.starting
        var privatePort = 0
    }

    init(configuration: ServerConfiguration, namespace: Namespace) {
        self.configuration = configuration
        self.namespace = namespace
    }

    var state: InstanceRecord.State {
        get { changing.withLock { $0.state } }
        set { changing.withLock { $0.state = newValue } }
    }

    var privatePort: Int {
        get { changing.withLock { $0.privatePort } }
        set { changing.withLock { $0.privatePort = newValue } }
    }

    /// The registry's record as of now.
    func record() async -> InstanceRecord {
        InstanceRecord(
            id: configuration.instanceID,
            host: ProcessInfo.processInfo.hostName,
            pid: getpid(),
            version: Version.current,
            startedAt: startedAt,
            port: configuration.port,
            address: "\(configuration.privateHost):\(privatePort)",
            state: state,
            adapter: configuration.adapterName,
            sockets: namespace.socketCount,
            rooms: namespace.local.joinedRooms.count,
            rssBytes: Self.residentBytes(),
            loopLagMs: await Self.loopLag(),
            lastSeen: Date()
        )
    }

    /// How long a task waits until an event loop gets to it, in milliseconds; the worst loop counts.
    private static func loopLag() async -> Double {
        var worst = Duration.zero
        for loop in MultiThreadedEventLoopGroup.singleton.makeIterator() {
            let start = ContinuousClock.now
            try? await loop.submit {}.get()
            worst = max(worst, ContinuousClock.now - start)
        }
        return Double(worst.components.seconds) * 1_000 + Double(worst.components.attoseconds) / 1e15
    }

    /// The second number of /proc/self/statm, in pages (proc(5)); 0 where there is no such file.
    private static func residentBytes() -> Int {
        guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8) else { return 0 }
        let fields = text.split(separator: " ")
        guard fields.count > 1, let pages = Int(fields[1]) else { return 0 }
        return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
    }
}
