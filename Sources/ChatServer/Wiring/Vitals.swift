import EngineIO
import Fleet
import Foundation
import NIOCore
import NIOPosix
import Redis
import ServerSettings
import SocketIO
import Storage
import Synchronization

/// What an instance tells the fleet about itself.
final class Vitals: Sendable {
    private static let redisPatience = Duration.milliseconds(500)

    private let configuration: ServerConfiguration
    private let namespace: Namespace
    private let engine: EngineServer
    private let events: EventCounts
    private let webhooks: WebhookCounts
    private let database: Database
    private let redis: RedisClient?
    private let meter = LoadMeter()
    private let startedAt = Date()
    private let changing = Mutex(Changing())

    private struct Changing {
        var state = InstanceRecord.State.starting
        var privatePort = 0
    }

    init(
        configuration: ServerConfiguration,
        namespace: Namespace,
        engine: EngineServer,
        events: EventCounts,
        webhooks: WebhookCounts,
        database: Database,
        redis: RedisClient?
    ) {
        self.configuration = configuration
        self.namespace = namespace
        self.engine = engine
        self.events = events
        self.webhooks = webhooks
        self.database = database
        self.redis = redis
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
            rooms: namespace.local.joinedRooms.count { $0.name.hasPrefix("r:") },
            rssBytes: Self.residentBytes(),
            loopLagMs: await Self.loopLag(),
            load: await load(),
            lastSeen: Date()
        )
    }

    /// All counters as of now.
    func metrics() async -> Metrics {
        Metrics(
            record: await record(),
            events: events.all,
            deliveries: namespace.local.deliveryCount,
            webhooks: webhooks.current,
            usesRedis: redis != nil,
            droppedPublishes: redis?.droppedPublishes ?? 0,
            processorSeconds: LoadMeter.processorSeconds()
        )
    }

    private func load() async -> InstanceLoad {
        let rates = meter.read(
            LoadMeter.Counters(
                messages: events["message:send"],
                deliveries: namespace.local.deliveryCount,
                processorSeconds: LoadMeter.processorSeconds()
            )
        )
        var load = InstanceLoad()
        load.messagesPerSecond = rates.messages
        load.deliveriesPerSecond = rates.deliveries
        load.cpuPercent = rates.cpuPercent
        load.queueBytes = await engine.queuedBytes()
        load.postgresMs = (try? await database.check()).map(Self.milliseconds)
        load.redisMs = await redisLatency()
        return load
    }

    /// A Redis that hangs must not keep the record waiting.
    private func redisLatency() async -> Double? {
        guard let redis, redis.isConnected else { return nil }
        return await withTaskGroup(of: Double?.self) { group in
            group.addTask { (try? await redis.latency()).map(Self.milliseconds) }
            group.addTask {
                try? await Task.sleep(for: Self.redisPatience)
                return nil
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
    }

    /// How long a task waits until an event loop gets to it, in milliseconds; the worst loop counts.
    private static func loopLag() async -> Double {
        var worst = Duration.zero
        for loop in MultiThreadedEventLoopGroup.singleton.makeIterator() {
            let start = ContinuousClock.now
            try? await loop.submit {}.get()
            worst = max(worst, ContinuousClock.now - start)
        }
        return milliseconds(worst)
    }

    private static func milliseconds(_ duration: Duration) -> Double { duration / .milliseconds(1) }

    /// The second number of /proc/self/statm, in pages (proc(5)); 0 where there is no such file.
    private static func residentBytes() -> Int {
        guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8) else { return 0 }
        let fields = text.split(separator: " ")
        guard fields.count > 1, let pages = Int(fields[1]) else { return 0 }
        return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
    }
}
