import EngineIO
import Fleet
import Foundation
import Logging
import NIOCore
import NIOPosix
import ServerSettings
import ServiceLifecycle
import Storage

/// The listeners of an instance, its place in the registry, and its orderly end.
struct Front: Service {
    /// How long connections get to close behind the time over which clients are sent away.
    private static let closeTimeout = Duration.seconds(5)

    let configuration: ServerConfiguration
    let database: Database
    let engine: EngineServer
    let registry: InstanceRegistry?
    let heartbeats: HeartbeatRows
    let control: ControlChannel?
    let vitals: Vitals
    let drain: Drain
    let instanceControl: InstanceControl
    let api: API
    let logger: Logger

    func run() async throws {
        try await checkDatabase()
        let privateChannel = try await listenPrivately()
        vitals.privatePort = privateChannel.localAddress?.port ?? 0
        let publicChannel = try await listenPublicly()
        vitals.state = .ready
        reportListening(on: publicChannel)

        await withTaskGroup(of: Void.self) { group in
            if let registry {
                let lease = InstanceLease(registry: registry, logger: logger) { await vitals.record() }
                group.addTask { await lease.run() }
            }
            let rows = InstanceLease(registry: heartbeats, interval: HeartbeatRows.interval, logger: logger) {
                await vitals.record()
            }
            group.addTask { await rows.run() }
            if let control {
                group.addTask { await control.serve(configuration.instanceID, handle: instanceControl.handle) }
            }
            // Throws when the group is cancelled because another service failed; the end is the same.
            try? await gracefulShutdown()
            await stop(publicChannel)
            group.cancelAll()
        }
        try? await privateChannel.close()
    }

    private func checkDatabase() async throws {
        do {
            try await database.verify()
            try await Migrator(database.info, folder: configuration.migrationsFolder, logger: logger).verify()
            if try await !database.hasApplicationRole() {
                logger.notice("the database's login may change tables and the audit log; see docs/deployment.md")
            }
        } catch let error as StorageError where error.kind == .configuration {
            throw StartupError.configuration(error.detail)
        } catch {
            throw StartupError.unavailable("the database cannot be used: \(error)")
        }
    }

    // MARK: Listening

    private func listenPublicly() async throws -> any Channel {
        let bridge = HummingbirdBridge(
            responder: api.responder(),
            proxies: TrustedProxies(ranges: configuration.trustedProxies),
            logger: logger
        )
        let door = FrontDoor(
            engine: engine,
            relay: relay(),
            origins: engine.configuration.origins,
            logger: logger,
            uploads: UploadDoor(api: api, origins: engine.configuration.origins, logger: logger),
            answerAPI: bridge.answer
        )
        return try await bind(configuration.host, configuration.port) {
            try await HTTPListener.bind(
                host: configuration.host,
                port: configuration.port,
                sharesPort: true,
                on: MultiThreadedEventLoopGroup.singleton,
                bodyRule: door.bodyRule,
                refusal: door.refusal,
                handle: door.handle
            )
        }
    }

    private func listenPrivately() async throws -> any Channel {
        let door = PrivateDoor(
            engine: engine,
            fleetSecret: configuration.fleetSecret,
            isReady: {
                guard vitals.state == .ready else { return false }
                return (try? await database.check()) != nil
            },
            metrics: vitals.metrics,
            control: instanceControl.handle
        )
        return try await bind(configuration.privateHost, configuration.privatePort) {
            try await HTTPListener.bind(
                host: configuration.privateHost,
                port: configuration.privatePort,
                on: MultiThreadedEventLoopGroup.singleton,
                bodyRule: { _ in .init(bytesMax: engine.configuration.maxPayload) },
                handle: door.handle
            )
        }
    }

    private func bind(
        _ host: String,
        _ port: Int,
        _ listen: () async throws -> any Channel
    ) async throws -> any Channel {
        do {
            return try await listen()
        } catch let error as IOError where error.errnoCode == EADDRINUSE {
            throw StartupError.unavailable("port \(port) on \(host) is in use by another program")
        } catch {
            throw StartupError.unavailable("cannot listen on \(host):\(port): \(error)")
        }
    }

    private func relay() -> Relay? {
        guard let registry, let secret = configuration.fleetSecret else { return nil }
        return Relay(
            instanceID: configuration.instanceID,
            secret: secret,
            registry: registry,
            engine: engine,
            logger: logger
        )
    }

    /// One line for the supervisor: where this instance listens.
    private func reportListening(on channel: any Channel) {
        struct Report: Encodable {
            var event = "listening"
            var id: String
            var port: Int
            var private_port: Int
            var pid: Int32
        }
        let report = Report(
            id: configuration.instanceID,
            port: channel.localAddress?.port ?? 0,
            private_port: vitals.privatePort,
            pid: getpid()
        )
        guard var line = try? JSONEncoder().encode(report) else { return }
        line.append(UInt8(ascii: "\n"))
        FileHandle.standardOutput.write(line)
        logger.info("listening", metadata: ["port": "\(report.port)", "private_port": "\(report.private_port)"])
    }

    // MARK: Stopping

    /// Sends the clients to other instances, closes the connections of those that stay, and then the doors.
    private func stop(_ publicChannel: any Channel) async {
        let second = SecondSignal()
        await drain.finish(spread: configuration.drainSpread, patience: Self.closeTimeout)
        try? await publicChannel.close()
        withExtendedLifetime(second) {}
    }
}

extension Front: CustomStringConvertible {
    /// What the log calls the service when it starts; all that it is made of would tell the fleet's secret.
    var description: String { "Front" }
}
