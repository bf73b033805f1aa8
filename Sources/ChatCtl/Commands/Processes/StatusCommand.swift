import ArgumentParser
import Fleet
import Foundation
import Redis
import Storage

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show on one screen how the chat is."
    )

    @OptionGroup var global: GlobalOptions

    /// One part of the system.
    struct Part: Encodable, Sendable {
        let name: String
        let ok: Bool
        let ms: Double?
        let detail: String
    }

    func run() async throws {
        let servers = try await Servers.locate(global)
        let postgres = await postgres(servers)
        let redis = await redis(servers)
        let rows = try? await FleetClient.with(global.silenced) { fleet in
            (source: fleet.source, rows: try await InstanceRow.all(fleet))
        }
        let parts = [postgres, redis, instances(rows?.rows ?? [], rows?.source, redisIsUp: redis.ok)]
        write(parts)
        if parts.contains(where: { !$0.ok }) { throw Failure(.unavailable, "the chat is not whole") }
    }

    private func write(_ parts: [Part]) {
        let console = global.console
        Listing.write(
            parts,
            columns: [
                Column("PART") { $0.name },
                Column("STATE") { $0.ok ? "ok" : "DOWN" },
                Column("TIME", alignment: .right, plain: { $0.ms.map { String($0) } ?? "" }) {
                    $0.ms.map(TimeText.milliseconds) ?? "-"
                },
                Column("DETAIL", shrinks: true) { $0.detail },
            ],
            records: { $0 },
            summary: "",
            to: console
        )
    }

    private func postgres(_ servers: Servers) async -> Part {
        do {
            return try await servers.withDatabase { database in
                let took = try await database.check() / .milliseconds(1)
                let schema = (try? await database.schemaVersion()).flatMap(\.self) ?? "none"
                return Part(name: "postgres", ok: true, ms: took, detail: "schema \(schema)")
            }
        } catch {
            return Part(name: "postgres", ok: false, ms: nil, detail: Failure(describing: error).message)
        }
    }

    private func redis(_ servers: Servers) async -> Part {
        do {
            return try await servers.withRedis(patience: global.timeout.duration) { redis in
                Part(name: "redis", ok: true, ms: try await redis.latency() / .milliseconds(1), detail: "")
            }
        } catch {
            let words = "\(Failure(describing: error).message); other instances get messages by the sweep (≤ 2 s)"
            return Part(name: "redis", ok: false, ms: nil, detail: words)
        }
    }

    private func instances(_ rows: [InstanceRow], _ source: FleetClient.Source?, redisIsUp: Bool) -> Part {
        let ready = rows.filter { !$0.isSilent && $0.record.state == .ready }.count
        let states = Dictionary(grouping: rows, by: \.state).map { "\($1.count) \($0)" }.sorted()
        let versions = Set(rows.map(\.record.version))
        var words = states.isEmpty ? ["none runs"] : states
        if source == .heartbeats { words.append("from heartbeat rows") }
        if !rows.isEmpty {
            let sockets = rows.reduce(0) { $0 + $1.record.sockets }
            let rate = rows.reduce(0) { $0 + $1.record.load.messagesPerSecond }
            let lag = rows.map(\.record.loopLagMs).max() ?? 0
            words += [
                "\(TimeText.number(sockets)) sockets", "\(TimeText.rate(rate)) messages/s",
                "lag \(TimeText.milliseconds(lag))",
            ]
        }
        if versions.count > 1 { words.append("versions \(versions.sorted().joined(separator: " and "))") }
        return Part(name: "instances", ok: ready > 0, ms: nil, detail: words.joined(separator: "; "))
    }
}
