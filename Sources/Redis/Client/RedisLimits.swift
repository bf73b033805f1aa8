/// How much the client keeps and how long it waits.
public struct RedisLimits: Sendable, Hashable {
    /// Bytes of channel names and payloads that wait to be published; over it publishes are dropped and counted.
    public var publishQueueBytesMax: Int
    /// Number of publishes that wait; over it they are dropped and counted.
    public var publishQueueCountMax: Int
    /// Number of commands that wait to be sent; over it a command throws `RedisError.overloaded`.
    public var commandQueueCountMax: Int
    /// How long a command waits for its reply, the time without a connection included.
    public var commandTimeout: Duration

    /// The defaults suit a chat server: a second of full load, and the patience of a person.
    public init(
        publishQueueBytesMax: Int = 16 << 20,
        publishQueueCountMax: Int = 65_536,
        commandQueueCountMax: Int = 4_096,
        commandTimeout: Duration = .seconds(5)
    ) {
        self.publishQueueBytesMax = publishQueueBytesMax
        self.publishQueueCountMax = publishQueueCountMax
        self.commandQueueCountMax = commandQueueCountMax
        self.commandTimeout = commandTimeout
    }
}
