package import Foundation

/// What an instance can be told or asked from outside while it runs.
package enum ControlAction: Codable, Sendable, Equatable {
    /// Answers with the record, nothing else.
    case ping
    /// Measures now, and answers with the record.
    case vitals
    /// Sends the clients to other instances, spread over `spreadMilliseconds`; takes no new ones.
    case drain(spreadMilliseconds: Int)
    /// Takes clients again.
    case resume
    /// Lists the sockets, at most `ControlLimits.socketsMax`.
    case sockets(ControlSocketFilter)
    /// Closes the connections of these sockets; their clients come back by themselves.
    case disconnect(ControlSocketFilter)
    /// Changes what is logged, until the instance ends.
    case logLevel(String)
}

/// Which sockets are meant. Every value that is given must fit; none means all sockets.
package struct ControlSocketFilter: Codable, Sendable, Equatable {
    /// The id of one socket.
    package var socket: String?
    /// The id of a person.
    package var user: String?
    /// The id of a room.
    package var room: String?

    package init(socket: String? = nil, user: String? = nil, room: String? = nil) {
        self.socket = socket
        self.user = user
        self.room = room
    }
}

/// One socket, as an instance tells of it.
package struct ControlSocket: Codable, Sendable, Equatable {
    package var id: String
    package var instance: String
    /// The login name.
    package var user: String
    package var address: String
    package var transport: String
    package var rooms: Int
    package var connectedAt: Date

    package init(
        id: String,
        instance: String,
        user: String,
        address: String,
        transport: String,
        rooms: Int,
        connectedAt: Date
    ) {
        self.id = id
        self.instance = instance
        self.user = user
        self.address = address
        self.transport = transport
        self.rooms = rooms
        self.connectedAt = connectedAt
    }

    package enum CodingKeys: String, CodingKey, CaseIterable {
        case id, instance, user, address, transport, rooms
        case connectedAt = "connected_at"
    }
}

/// What an instance answers.
package struct ControlAnswer: Codable, Sendable, Equatable {
    package var instance: String
    package var record: InstanceRecord?
    package var sockets: [ControlSocket]?
    /// How many sockets an action reached.
    package var count: Int?
    /// Why the action was refused.
    package var error: String?

    package init(
        instance: String,
        record: InstanceRecord? = nil,
        sockets: [ControlSocket]? = nil,
        count: Int? = nil,
        error: String? = nil
    ) {
        self.instance = instance
        self.record = record
        self.sockets = sockets
        self.count = count
        self.error = error
    }
}

/// The bounds of the control channel.
package enum ControlLimits {
    /// How long an instance has to answer, unless the caller says otherwise.
    package static let deadline = Duration.seconds(3)
    /// Sockets in one answer.
    package static let socketsMax = 10_000
    /// The longest time over which clients are sent away.
    package static let spreadMax = Duration.seconds(3_600)
}

/// The form of requests and answers on the wire: JSON, times in RFC 3339.
package enum ControlCoding {
    package static func encode(_ value: some Encodable) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .custom { date, encoder in
            var container = encoder.singleValueContainer()
            try container.encode(date.formatted(time))
        }
        return try encoder.encode(value)
    }

    package static func decode<Value: Decodable>(_ type: Value.Type, from data: Data) throws -> Value {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .custom { decoder in
            try time.parse(try decoder.singleValueContainer().decode(String.self))
        }
        return try decoder.decode(type, from: data)
    }

    private static let time = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
}
