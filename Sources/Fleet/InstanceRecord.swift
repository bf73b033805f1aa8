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
    /// The work that goes on, and what it costs.
    package var load = InstanceLoad()
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
        load: InstanceLoad = InstanceLoad(),
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
        self.load = load
        self.lastSeen = lastSeen
    }

    package enum CodingKeys: String, CodingKey, CaseIterable {
        case id, host, pid, version, port, address, state, adapter, sockets, rooms, load
        case startedAt = "started_at"
        case rssBytes = "rss_bytes"
        case loopLagMs = "loop_lag_ms"
        case lastSeen = "last_seen"
    }
}

extension InstanceRecord {
    /// Reads a record of another version too: what it does not tell of its load counts as nothing.
    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            id: try values.decode(String.self, forKey: .id),
            host: try values.decode(String.self, forKey: .host),
            pid: try values.decode(Int32.self, forKey: .pid),
            version: try values.decode(String.self, forKey: .version),
            startedAt: try values.decode(Date.self, forKey: .startedAt),
            port: try values.decode(Int.self, forKey: .port),
            address: try values.decode(String.self, forKey: .address),
            state: try values.decode(State.self, forKey: .state),
            adapter: try values.decode(String.self, forKey: .adapter),
            sockets: try values.decode(Int.self, forKey: .sockets),
            rooms: try values.decode(Int.self, forKey: .rooms),
            rssBytes: try values.decode(Int.self, forKey: .rssBytes),
            loopLagMs: try values.decode(Double.self, forKey: .loopLagMs),
            load: try values.decodeIfPresent(InstanceLoad.self, forKey: .load) ?? InstanceLoad(),
            lastSeen: try values.decode(Date.self, forKey: .lastSeen)
        )
    }

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
