import Credentials
import Domain
import EngineIO
import Fleet
import Logging
import NIOCore
import NIOPosix
import Redis
import ServerSettings
import ServiceLifecycle
import SocketIO
import SocketIORedis
import Storage
import UnixSignals
import Webhooks

/// All parts of one instance, put together.
struct Instance {
    private let configuration: ServerConfiguration
    private let logger: Logger
    private let database: Database
    private let redis: RedisClient?
    private let chat: Chat
    private let engine: EngineServer
    private let namespace: Namespace
    private let broadcasts: Broadcasts
    private let live: LiveSockets
    private let recheck: SessionRecheck
    private let sequencer: RoomSequencer
    private let markers: ReadMarkers
    private let presence: Presence
    private let mailboxes: LoopMailboxes
    private let events: EventCounts
    private let webhooks: WebhookDelivery

    init(_ configuration: ServerConfiguration) throws {
        self.configuration = configuration
        var logger = Logger(label: "chat")
        logger[metadataKey: "instance"] = "\(configuration.instanceID)"
        self.logger = logger
        let group = MultiThreadedEventLoopGroup.singleton
        mailboxes = LoopMailboxes(group)

        database = try Self.database(configuration, logger)
        redis = configuration.redis.map { RedisClient(configuration: $0, eventLoopGroup: group, logger: logger) }
        chat = Chat(
            database.stores,
            passwords: PasswordHasher(),
            tokens: TokenIssuer(),
            policy: ChatPolicy(
                signUp: configuration.signUp,
                attachmentBytesMax: configuration.attachmentBytesMax,
                webhookNetworks: configuration.webhookNetworks
            ),
            limits: configuration.limits
        )
        live = LiveSockets(perUserMax: configuration.socketsPerUserMax)
        recheck = SessionRecheck(
            chat: chat,
            live: live,
            interval: configuration.sessionRecheckInterval,
            logger: logger
        )
        markers = ReadMarkers(chat: chat, logger: logger)

        let io = SocketServer(mailboxes: mailboxes)
        namespace = io.of("/")
        sequencer = RoomSequencer(local: namespace.local)
        webhooks = WebhookDelivery(
            queue: database.webhooks,
            connections: WebhookConnections(
                WebhookSender(networks: configuration.webhookNetworks, logger: logger)
            ),
            bell: WebhookBell(),
            counts: WebhookCounts(),
            actor: .system(name: "instance \(configuration.instanceID)"),
            logger: logger
        )
        broadcasts = Broadcasts(
            namespace: namespace,
            sequencer: sequencer,
            recheck: recheck,
            bell: webhooks.bell,
            logger: logger
        )
        let start = EngineSessionID.make().prefix(8)
        presence = Presence(
            board: redis.map { PresenceBoard(redis: $0, instance: "\(configuration.instanceID)-\(start)") },
            broadcasts: broadcasts,
            local: namespace.local,
            logger: logger
        )
        engine = EngineServer(configuration: Self.engine(configuration), mailboxes: mailboxes, opened: io.open)

        let router = EventRouter(namespace: namespace, logger: logger)
        events = router.counts
        connectAdapter()
        registerHandlers(on: router)
    }

    private static func database(_ configuration: ServerConfiguration, _ logger: Logger) throws -> Database {
        do {
            return Database(try ConnectionInfo(configuration.databaseURL), logger: logger)
        } catch {
            throw StartupError.configuration("DATABASE_URL: \(error)")
        }
    }

    private static func engine(_ configuration: ServerConfiguration) -> EngineConfiguration {
        var engine = EngineConfiguration()
        engine.owner = configuration.instanceID
        engine.origins = .sameOrigin(or: configuration.allowedOrigins)
        engine.maxPayload = FrontDoor.socketMessageBytesMax
        return engine
    }

    /// Puts the sequencer in front of the local adapter, and the Redis adapter in front of both, unless it is switched
    /// off to show what is lost without it.
    private func connectAdapter() {
        let observed = ObservedAdapter(local: namespace.local, sequencer: sequencer)
        guard configuration.usesRedisAdapter, let redis else { return namespace.setAdapter(observed) }
        namespace.setAdapter(
            RedisAdapter(
                namespace: namespace.name,
                local: observed,
                receiver: namespace,
                redis: redis,
                options: RedisAdapterOptions(form: configuration.redisAdapterForm),
                logger: logger
            )
        )
    }

    private func registerHandlers(on router: EventRouter) {
        ConnectionHandlers(
            chat: chat,
            sequencer: sequencer,
            presence: presence,
            live: live,
            proxies: TrustedProxies(ranges: configuration.trustedProxies),
            instance: configuration.instanceID,
            adapter: configuration.adapterName,
            logger: logger
        ).register(on: namespace)
        SessionHandlers(chat: chat, sequencer: sequencer).register(on: router)
        MessageHandlers(chat: chat, broadcasts: broadcasts).register(on: router)
        ReadingHandlers(chat: chat, markers: markers, broadcasts: broadcasts).register(on: router)
        RoomHandlers(chat: chat, broadcasts: broadcasts).register(on: router)
        MembershipHandlers(chat: chat, markers: markers, presence: presence, broadcasts: broadcasts)
            .register(on: router)
        PresenceHandlers(chat: chat, presence: presence).register(on: router)
        TypingHandlers(typing: Typing(chat: chat, broadcasts: broadcasts)).register(on: router)
        UserHandlers(chat: chat, broadcasts: broadcasts).register(on: router)
        router.refuseUnknownEvents()
        namespace.onServerSideEvent { [recheck] event, _ in
            if event.name == SessionRecheck.event { recheck.request() }
        }
    }

    /// Serves until SIGTERM or SIGINT.
    ///
    /// - Throws: `StartupError` when a port is taken or the database cannot be used.
    func run() async throws {
        let registry = redis.map { InstanceRegistry(redis: $0) }
        let heartbeats = HeartbeatRows(table: database.instances)
        let vitals = Vitals(
            configuration: configuration,
            namespace: namespace,
            engine: engine,
            events: events,
            webhooks: webhooks.counts,
            database: database,
            redis: redis
        )
        let drain = Drain(engine: engine, namespace: namespace, vitals: vitals, logger: logger) { [redis] in
            let record = await vitals.record()
            // The database first: it answers also when Redis does not.
            try? await heartbeats.announce(record)
            if let redis, redis.isConnected { try? await registry?.announce(record) }
        }
        let front = Front(
            configuration: configuration,
            database: database,
            engine: engine,
            registry: registry,
            heartbeats: heartbeats,
            control: redis.map { ControlChannel(redis: $0, logger: logger) },
            vitals: vitals,
            drain: drain,
            instanceControl: InstanceControl(
                instance: configuration.instanceID,
                namespace: namespace,
                vitals: vitals,
                drain: drain,
                logger: logger
            ),
            api: API(
                chat: chat,
                broadcasts: broadcasts,
                markers: markers,
                presence: presence,
                publicFolder: configuration.publicFolder,
                logger: logger
            ),
            logger: logger
        )
        var services: [any Service] = [BackgroundService { [database] in await database.run() }]
        if let redis { services.append(BackgroundService { await redis.run() }) }
        if configuration.isAlone {
            logger.notice("the Redis adapter is off: live messages reach only the sockets of this instance")
        }
        let sweep = Sweep(
            messages: database.messages,
            sequencer: sequencer,
            local: namespace.local,
            broadcasts: broadcasts,
            passesOn: !configuration.isAlone,
            clock: ContinuousClock(),
            logger: logger
        )
        var jobs: [@Sendable () async -> Void] = [
            sweep.run, markers.run, recheck.run, webhooks.run,
            UploadCleaning(chat: chat, clock: ContinuousClock(), logger: logger).run,
        ]
        if redis != nil { jobs.append(presence.run) }
        if !configuration.isAlone {
            let admissions = AdmissionSweep(
                rooms: database.rooms,
                sequencer: sequencer,
                local: namespace.local,
                broadcasts: broadcasts,
                clock: ContinuousClock(),
                logger: logger
            )
            jobs.append(admissions.run)
        }
        // One service, as services end one after the other: each of these may be waiting for a database that is away.
        services.append(
            BackgroundService { [jobs] in
                await withDiscardingTaskGroup { group in
                    for job in jobs { group.addTask(operation: job) }
                }
            }
        )
        services.append(front)
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: services.map {
                    .init(service: $0, successTerminationBehavior: .gracefullyShutdownGroup)
                },
                gracefulShutdownSignals: [.sigterm, .sigint],
                logger: logger
            )
        )
        try await group.run()
    }
}

/// Something that runs until the instance stops, and then is cancelled.
struct BackgroundService: Service {
    let body: @Sendable () async -> Void

    func run() async throws {
        await cancelWhenGracefulShutdown(body)
    }
}
