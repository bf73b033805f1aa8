package import Foundation

/// What an instance tells of itself, so that others can list, watch and reach it.
package struct InstanceRecord: Codable, Sendable, Equatable, Identifiable {
    /// Where an instance stands between its start and its end.
    package enum State: String, Codable, Sendable, Equatable {
        case starting, ready, draining
    }

    /// Unique in the fleet, and new at each start: `i-1`, `i-2`, …
    package var id: String
    /// The name of the machine.
    package var host: String
    package var pid: Int32
    package var version: String
    package var startedAt: Date
    /// The public port.
    package var port: Int
    /// The private listener, `host:port`, that other instances relay to.
    package var address: String
    package var state: State
    /// `redis` when broadcasts reach the other instances, `none` when they stay here.
    package var adapter: String
    package var sockets: Int
    package var rooms: Int
    package var rssBytes: Int
    /// How late the event loops run their tasks, in milliseconds.
    package var loopLagMs: Double
    /// When the record was written.
    package var lastSeen: Date

    package init(
        id: String,
        host: String,
        pid: Int32,
        version: String,
        startedAt: Date,
        port: Int,
        address: String,
        state: State,
        adapter: String,
        sockets: Int = 0,
        rooms: Int = 0,
        rssBytes: Int = 0,
        loopLagMs: Double = 0,
        lastSeen: Date
    ) {
        self.id = id
        self.host = host
        self.pid = pid
        self.version = version
        self.startedAt = startedAt
        self.port = port
        self.address = address
        self.state = state
        self.adapter = adapter
        self.sockets = sockets
        self.rooms = rooms
        self.rssBytes = rssBytes
        self.loopLagMs = loopLagMs
        self.lastSeen = lastSeen
    }

    private enum CodingKeys: String, CodingKey {
        case id, host, pid, version, port, address, state, adapter, sockets, rooms
        case startedAt = "started_at"
        case rssBytes = "rss_bytes"
        case loopLagMs = "loop_lag_ms"
        case lastSeen = "last_seen"
    }
}

extension InstanceRecord {
    private static let time = Date.ISO8601FormatStyle(includingFractionalSeconds: true)

    /// The record as JSON; times in RFC 3339 with milliseconds, UTC.
    package func json() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .custom { date, encoder in
            var container = encoder.singleValueContainer()
            try container.encode(date.formatted(Self.time))
        }
        return try encoder.encode(self)
    }

    /// Reads what `json()` wrote.
    package init(json: Data) throws {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .custom { decoder in
            try Self.time.parse(try decoder.singleValueContainer().decode(String.self))
        }
        self = try decoder.decode(InstanceRecord.self, from: json)
    }
}
