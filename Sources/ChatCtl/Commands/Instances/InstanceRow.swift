import Fleet
import Foundation

/// One instance in a list: its last record, and whether it answered just now.
struct InstanceRow: Sendable {
    let record: InstanceRecord
    let isSilent: Bool

    init(_ known: InstanceRecord, _ answer: ControlAnswer?) {
        record = answer?.record ?? known
        isSilent = answer == nil
    }

    /// Every instance, asked now.
    static func all(_ fleet: FleetClient) async throws -> [InstanceRow] {
        let answers = try await fleet.ask(.vitals, of: fleet.records)
        return fleet.records.map { InstanceRow($0, answers[$0.id]) }
            .filter { !$0.isSilent || !fleet.unconfirmed.contains($0.record.id) }
    }

    var state: String { isSilent ? "silent" : record.state.rawValue }

    static func latency(_ milliseconds: Double?) -> String { milliseconds.map(TimeText.milliseconds) ?? "-" }

    /// What `--json` prints.
    var outcome: Outcome { Outcome(record: record, silent: isSilent) }

    /// The record's own fields, and whether it answered.
    struct Outcome: Listed, Sendable {
        static let fields =
            InstanceRecord.CodingKeys.allCases.filter { $0 != .load }.map(\.rawValue)
            + InstanceLoad.CodingKeys.allCases.map { "load.\($0.rawValue)" } + [Key.silent.rawValue]

        let record: InstanceRecord
        let silent: Bool

        private enum Key: String, CodingKey { case silent }

        func encode(to encoder: any Encoder) throws {
            try record.encode(to: encoder)
            var container = encoder.container(keyedBy: Key.self)
            try container.encode(silent, forKey: .silent)
        }
    }

    static func columns(now: Date) -> [Column<InstanceRow>] {
        func exact(_ value: Double?) -> String { value.map { String($0) } ?? "" }
        return [
            Column("ID") { $0.record.id },
            Column("HOST", shrinks: true, dispensability: 2) { $0.record.host },
            Column("PID", alignment: .right, dispensability: 3) { String($0.record.pid) },
            Column("VERSION", dispensability: 4) { $0.record.version },
            Column("STATE", table: \.state),
            Column("UP", plain: { TimeText.rfc3339($0.record.startedAt) }) {
                TimeText.duration(.seconds(max(0, now.timeIntervalSince($0.record.startedAt)).rounded(.down)))
            },
            Column("SOCKETS", alignment: .right) { String($0.record.sockets) },
            Column("ROOMS", alignment: .right, dispensability: 1) { String($0.record.rooms) },
            Column("RSS", alignment: .right, plain: { String($0.record.rssBytes) }) {
                TimeText.bytes($0.record.rssBytes)
            },
            Column("LAG", alignment: .right, plain: { exact($0.record.loopLagMs) }) {
                TimeText.milliseconds($0.record.loopLagMs)
            },
            Column("PG", alignment: .right, plain: { exact($0.record.load.postgresMs) }) {
                latency($0.record.load.postgresMs)
            },
            Column("REDIS", alignment: .right, plain: { exact($0.record.load.redisMs) }) {
                latency($0.record.load.redisMs)
            },
            Column("ADAPTER", dispensability: 5) { $0.record.adapter },
        ]
    }
}
