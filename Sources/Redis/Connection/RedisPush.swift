internal import NIOCore

/// A message that came to a subscription.
struct RedisPush: Equatable {
    var key: SubscriptionKey
    var channel: ByteBuffer
    var payload: ByteBuffer

    init(key: SubscriptionKey, channel: ByteBuffer, payload: ByteBuffer) {
        self.key = key
        self.channel = channel
        self.payload = payload
    }

    /// Reads `["message", channel, payload]`, `["pmessage", pattern, channel, payload]` or `["smessage", …]`;
    /// nil for anything else, which then is the reply to a command.
    init?(_ value: RedisValue) {
        guard case .array(let parts) = value, parts.count >= 3, case .bulk(let word) = parts[0] else { return nil }
        guard case .bulk(let name) = parts[1], case .bulk(let last) = parts[parts.count - 1] else { return nil }
        if parts.count == 3, word == Self.message {
            self.init(key: SubscriptionKey(kind: .channel, name: name), channel: name, payload: last)
        } else if parts.count == 4, word == Self.patternMessage, case .bulk(let channel) = parts[2] {
            self.init(key: SubscriptionKey(kind: .pattern, name: name), channel: channel, payload: last)
        } else if parts.count == 3, word == Self.shardMessage {
            self.init(key: SubscriptionKey(kind: .shardChannel, name: name), channel: name, payload: last)
        } else {
            return nil
        }
    }

    private static let message = ByteBuffer(string: "message")
    private static let patternMessage = ByteBuffer(string: "pmessage")
    private static let shardMessage = ByteBuffer(string: "smessage")
}

/// What is subscribed to.
struct SubscriptionKey: Hashable {
    var kind: RedisSubscription.Kind
    var name: ByteBuffer
}
