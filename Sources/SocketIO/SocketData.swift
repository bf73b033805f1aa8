import NIOCore

/// Names a value that an application attaches to sockets, and its type. It stays in this process.
public protocol SocketDataKey: SendableMetatype {
    /// What is attached.
    associatedtype Value: Sendable
}

/// Names a value that other servers see too, in what `fetchSockets` returns: the reference server's `socket.data`.
///
/// ```swift
/// enum UserName: SharedSocketDataKey {
///     typealias Value = String
///     static let name = "username"
/// }
/// socket[UserName.self] = "alice"
/// await io.of("/").fetchSockets().value.first?[UserName.self]
/// ```
public protocol SharedSocketDataKey: SocketDataKey where Value: Codable {
    /// The value's member in the object that travels; different for each key.
    static var name: String { get }
}

/// What an application attached to a socket.
struct SocketData: Sendable {
    private var entries: [ObjectIdentifier: Entry] = [:]

    private struct Entry {
        var key: any SocketDataKey.Type
        var value: any Sendable
    }

    subscript<Key: SocketDataKey>(key: Key.Type) -> Key.Value? {
        get { entries[ObjectIdentifier(key)]?.value as? Key.Value }
        set { entries[ObjectIdentifier(key)] = newValue.map { Entry(key: key, value: $0) } }
    }

    /// `{"name":value,…}` of the shared values, by name. One that cannot be encoded, as bytes, is left out.
    var json: ByteBuffer {
        let members = entries.values.compactMap { entry in
            (entry.key as? any SharedSocketDataKey.Type).flatMap { Self.member($0, entry.value) }
        }
        var json = ByteBuffer(string: "{")
        for (index, member) in members.sorted(by: { $0.name < $1.name }).enumerated() {
            if index > 0 { json.writeString(",") }
            json.writeImmutableBuffer(PayloadCoding.text(member.name))
            json.writeString(":")
            json.writeImmutableBuffer(member.value)
        }
        json.writeString("}")
        return json
    }

    private static func member<Key: SharedSocketDataKey>(
        _ key: Key.Type,
        _ value: any Sendable
    ) -> (name: String, value: ByteBuffer)? {
        guard let value = value as? Key.Value, let json = try? PayloadCoding.json(value) else { return nil }
        return (key.name, json)
    }
}

extension RemoteSocket {
    /// What the socket's server attached to it under a key; nil when there is nothing, or something of another type.
    public subscript<Key: SharedSocketDataKey>(key: Key.Type) -> Key.Value? {
        try? PayloadCoding.decode([String: Lenient<Key.Value>].self, from: Payload(json: data))[key.name]?.value
    }
}

/// A member that may be of another type, as those of other keys are.
private struct Lenient<Value: Decodable>: Decodable {
    var value: Value?

    init(from decoder: any Decoder) throws {
        value = try? Value(from: decoder)
    }
}
