import Fleet
import Foundation
import Redis
import Storage

/// The fleet as chatctl sees it: over Redis, and where Redis does not answer from the heartbeats in PostgreSQL and through
/// the instances' private ports.
struct FleetClient: Sendable {
    enum Source: String, Encodable, Sendable {
        case registry, heartbeats
    }

    /// A heartbeat that was not renewed for that long is that of an instance that is gone: two were missed.
    static let heartbeatPatience: TimeInterval = 40

    /// A heartbeat that is so young is probably that of an instance that lives.
    private static let heartbeatFresh: TimeInterval = 20

    let source: Source
    let records: [InstanceRecord]
    /// Who is known from heartbeats only, although Redis answers: new to it, or dead.
    let unconfirmed: Set<String>
    /// Other servers on the same Redis that share broadcasts with these, such as Node's; nil when Redis cannot say.
    let foreignPeers: Int?
    private let channel: ControlChannel?
    private let secret: String?
    private let deadline: Duration

    /// Runs `body` with the fleet as it is now.
    static func with<Value: Sendable>(
        _ global: GlobalOptions,
        _ body: @Sendable (FleetClient) async throws -> Value
    ) async throws -> Value {
        let servers = try await Servers.locate(global)
        let secret = fleetSecret(try await Settings.load(global), global.dataDirectory)
        let deadline = global.timeout.duration
        if servers.redisURL != nil {
            do {
                return try await servers.withRedis(patience: deadline) { redis in
                    let registered = try await InstanceRegistry(redis: redis).list()
                    // A Redis that was started anew knows nobody until the next announcements.
                    let known = Set(registered.map(\.id))
                    let others = ((try? await heartbeats(servers, patience: heartbeatFresh)) ?? [])
                        .filter { !known.contains($0.id) }
                    let records = (registered + others).sorted { NaturalOrder.precedes($0.id, $1.id) }
                    return try await body(
                        FleetClient(
                            source: .registry,
                            records: records,
                            unconfirmed: Set(others.map(\.id)),
                            foreignPeers: await foreignPeers(redis, beside: records),
                            channel: ControlChannel(redis: redis),
                            secret: secret,
                            deadline: deadline
                        )
                    )
                }
            } catch let failure as Failure where failure.kind == .unavailable && servers.databaseURL != nil {
                // Goes on without Redis.
                if !global.quiet {
                    global.console.warn("\(failure.message); what follows is from the heartbeats in PostgreSQL")
                }
            }
        }
        let records = try await heartbeats(servers)
        return try await body(
            FleetClient(
                source: .heartbeats,
                records: records,
                unconfirmed: [],
                foreignPeers: nil,
                channel: nil,
                secret: secret,
                deadline: deadline
            )
        )
    }

    private static func heartbeats(
        _ servers: Servers,
        patience: TimeInterval = heartbeatPatience
    ) async throws -> [InstanceRecord] {
        try await servers.withDatabase { database in
            let oldest = Date().addingTimeInterval(-patience)
            return try await database.instances.list()
                .filter { $0.lastSeen > oldest }
                .compactMap { try? InstanceRecord(json: Data($0.record.utf8)) }
                .sorted { NaturalOrder.precedes($0.id, $1.id) }
        }
    }

    /// Every member of the adapter's fleet listens for requests on this channel, whoever wrote it.
    private static let requestChannel = "socket.io-request#/#"

    private static func foreignPeers(_ redis: RedisClient, beside records: [InstanceRecord]) async -> Int? {
        guard let reply = try? await redis.command("PUBSUB", "NUMSUB", requestChannel).array, reply.count == 2,
            let listeners = reply[1].integer
        else { return nil }
        // An instance that has just ended may be listed a little longer than it listens.
        return max(0, listeners - records.filter { $0.adapter == "redis" }.count)
    }

    private static func fleetSecret(_ settings: Settings, _ data: DataDirectory) -> String? {
        Files.read(settings.fleetSecretFile ?? data.secret)?.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// Asks instances at once. Whoever is missing in the answer was silent for the whole deadline.
    func ask(_ action: ControlAction, of records: [InstanceRecord]) async throws -> [String: ControlAnswer] {
        guard let channel else { return await askAtTheirDoors(action, of: records) }
        let answers = try await channel.ask(action, of: records.map(\.id), deadline: deadline)
        // Whom a Redis that was started anew does not know may not have subscribed again either.
        let unheard = records.filter { unconfirmed.contains($0.id) && answers[$0.id] == nil }
        return answers.merging(await askAtTheirDoors(action, of: unheard)) { answer, _ in answer }
    }

    /// Asks instances at their private ports, which takes the fleet's secret and no Redis.
    private func askAtTheirDoors(
        _ action: ControlAction,
        of records: [InstanceRecord]
    ) async -> [String: ControlAnswer] {
        guard let secret else { return [:] }
        return await withTaskGroup(of: ControlAnswer?.self) { group in
            for record in records {
                guard let colon = record.address.lastIndex(of: ":"),
                    let port = Int(record.address[record.address.index(after: colon)...])
                else { continue }
                let door = InstanceDoor(host: String(record.address[..<colon]), port: port, secret: secret)
                group.addTask { await door.ask(action) }
            }
            var answers: [String: ControlAnswer] = [:]
            for await answer in group { if let answer { answers[answer.instance] = answer } }
            return answers
        }
    }

    /// The instances that were named, by id or its beginning; all when none was.
    func choose(_ typed: [String]) throws -> [InstanceRecord] {
        guard !typed.isEmpty else { return records }
        return try typed.map { try Naming.find($0, in: records, as: "instance", by: \.id) }
    }

    /// Says who was silent, with the exit code for that.
    static func requireAnswers(_ answers: [String: ControlAnswer], of records: [InstanceRecord]) throws {
        let silent = records.map(\.id).filter { answers[$0] == nil }
        guard silent.isEmpty else {
            throw Failure(.timeout, "no answer from \(silent.joined(separator: ", "))", hint: "try again in a moment")
        }
    }
}
