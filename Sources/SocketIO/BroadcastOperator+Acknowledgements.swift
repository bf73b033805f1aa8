extension BroadcastOperator {
    /// What the clients answered.
    public struct Answers: Sendable {
        /// The first argument of each answer, as a JSON value.
        public var answers: [Payload]
        /// How many of the clients that got the event did not answer in time.
        public var missing: Int

        /// Reads the answers.
        ///
        /// - Throws: `DecodingError` when one of them does not fit the type.
        public func decode<Value: Decodable>(_ type: Value.Type = Value.self) throws -> [Value] {
            try answers.map { try PayloadCoding.decode(type, from: $0) }
        }
    }

    /// Sends an event and gathers the answers of all clients that get it, until all are here or `timeout` is over.
    ///
    /// - Throws: `EncodingError` when a value cannot be encoded; `CancellationError`.
    public func emitWithAck<each Item: Encodable>(_ event: String, _ items: repeat each Item) async throws -> Answers {
        try await emitWithAck(try PayloadCoding.array(event, repeat each items))
    }

    /// Sends an event as it is and gathers the answers of all clients that get it.
    ///
    /// - Throws: `CancellationError`.
    public func emitWithAck(_ event: Payload) async throws -> Answers {
        let timeout = options.flags.timeout ?? LocalAdapter.acknowledgementTimeout
        let collector = AnswerCollector()
        collector.expectServers(options.flags.local ? 1 : await adapter.serverCount())
        adapter.broadcast(
            event,
            options: options,
            clientCount: { collector.expect($0, fromServer: ()) },
            acknowledgement: { collector.add($0) }
        )
        let (answers, missing) = try await collector.gather(for: timeout)
        return Answers(answers: answers, missing: missing)
    }
}
