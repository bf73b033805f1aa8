extension Socket {
    /// Addresses everybody in a room but this socket.
    public func to(_ rooms: Room...) -> BroadcastOperator { broadcast.to(rooms) }

    /// Addresses everybody in the namespace but this socket and those in the rooms.
    public func except(_ rooms: Room...) -> BroadcastOperator { broadcast.except(rooms) }

    /// Addresses everybody in the namespace but this socket.
    public var broadcast: BroadcastOperator {
        BroadcastOperator(adapter: namespace.adapter, options: BroadcastOptions(except: [Room(id)]))
    }

    /// Drops what the client cannot take right now.
    public var volatile: Emitter { Emitter(socket: self, isVolatile: true) }

    /// Limits how long an answer is awaited.
    public func timeout(_ timeout: Duration) -> Emitter { Emitter(socket: self, timeout: timeout) }

    /// Sends events to one socket in a way of its own. A value: each step returns a new one.
    public struct Emitter: Sendable {
        let socket: Socket
        var isVolatile = false
        var timeout = LocalAdapter.acknowledgementTimeout

        /// Drops what the client cannot take right now.
        public var volatile: Emitter { Emitter(socket: socket, isVolatile: true, timeout: timeout) }

        /// Limits how long an answer is awaited.
        public func timeout(_ timeout: Duration) -> Emitter {
            Emitter(socket: socket, isVolatile: isVolatile, timeout: timeout)
        }

        /// Sends an event.
        ///
        /// - Throws: `EncodingError` when a value cannot be encoded.
        public func emit<each Item: Encodable>(_ event: String, _ items: repeat each Item) throws {
            socket.emit(try PayloadCoding.array(event, repeat each items), volatile: isVolatile)
        }

        /// Sends an event and waits for the client's answer.
        ///
        /// - Returns: The first argument of the answer.
        /// - Throws: `EncodingError`, `AcknowledgementError`, `CancellationError`; `DecodingError` when the answer does
        ///   not fit the type.
        public func emitWithAck<Answer: Decodable, each Item: Encodable>(
            _ event: String,
            _ items: repeat each Item,
            returning type: Answer.Type = Answer.self
        ) async throws -> Answer {
            let payload = try PayloadCoding.array(event, repeat each items)
            let answer = try await socket.emitWithAck(payload, timeout: timeout)
            return try PayloadCoding.decode(type, from: answer.firstElement)
        }
    }
}
