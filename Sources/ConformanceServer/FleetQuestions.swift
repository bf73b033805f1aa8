import NIOCore
import SocketIO
import Synchronization

/// What a member asks of its fleet when a client tells it to, so that a test sees both directions of each request.
/// `to` addresses sockets: `{"rooms":[…],"except":[…]}`.
enum FleetQuestions {
    fileprivate struct Address: Decodable {
        var rooms: [RoomName]?
        var except: [RoomName]?

        var options: BroadcastOptions {
            BroadcastOptions(rooms: (rooms ?? []).map(\.room), except: (except ?? []).map(\.room))
        }
    }

    static func register(on namespace: Namespace) {
        // ("fleet:emit", to, event, …arguments) → "ok"
        namespace.on("fleet:emit") { _, event in
            guard let options = event.options, let payload = event.carried else { return }
            namespace.adapter.broadcast(payload, options: options)
            event.confirm()
        }
        // ("fleet:ask", to, timeout in ms, event, …arguments) → [answers], {expected}
        namespace.on("fleet:ask") { _, event in ask(event, of: namespace.adapter) }
        // ("fleet:sockets", to) → [{id, rooms}], missing
        namespace.on("fleet:sockets") { _, event in
            struct Description: Encodable { var id: String, rooms: [String] }
            let answer = await namespace.adapter.fetchSockets(event.options ?? BroadcastOptions())
            let sockets = answer.value.map { Description(id: $0.id, rooms: $0.rooms.map(\.name).sorted()) }
            try? event.acknowledgement?(sockets, answer.missingServers)
        }
        // ("fleet:rooms") → [names], missing
        namespace.on("fleet:rooms") { _, event in
            let answer = await namespace.adapter.allRooms()
            try? event.acknowledgement?(answer.value.map(\.name).sorted(), answer.missingServers)
        }
        namespace.on("fleet:join") { _, event in
            guard let options = event.options, let rooms = event.rooms else { return }
            namespace.adapter.addSockets(options, to: rooms)
            event.confirm()
        }
        namespace.on("fleet:leave") { _, event in
            guard let options = event.options, let rooms = event.rooms else { return }
            namespace.adapter.removeSockets(options, from: rooms)
            event.confirm()
        }
        namespace.on("fleet:disconnect") { _, event in
            guard let options = event.options else { return }
            let close = (try? event.decode(Bool.self, at: 1)) ?? false
            namespace.adapter.disconnectSockets(options, closeTransport: close)
            event.confirm()
        }
        // ("fleet:servers", event, …arguments) → [answers], missing
        namespace.on("fleet:servers") { _, event in
            guard let payload = event.carried(from: 0) else { return }
            let answer = await namespace.adapter.serverSideEmitWithAck(payload)
            // Shown as JSON, where binary is a placeholder.
            let answers = answer.value.map { String(buffer: $0.json) }.joined(separator: ",")
            event.acknowledgement?.send(Payload(json: ByteBuffer(string: "[[\(answers)],\(answer.missingServers)]")))
        }
        // A server-side event is shown to the clients, and answered with its first argument.
        namespace.onServerSideEvent { event, reply in
            namespace.all.local.emit(event.renamed("fleet:server-side"))
            reply?(Payload(json: event.argument(0) ?? ByteBuffer(string: "null")))
        }
    }

    private static func ask(_ event: Event, of adapter: any Adapter) {
        guard var options = event.options, let milliseconds = try? event.decode(Int.self, at: 1),
            let payload = event.carried(from: 2)
        else { return }
        options.flags.timeout = .milliseconds(milliseconds)
        let gathered = Mutex<(answers: [String], expected: Int)>(([], 0))
        adapter.broadcast(payload, options: options) { count in
            gathered.withLock { $0.expected += count }
        } acknowledgement: { answer in
            gathered.withLock { $0.answers.append(String(buffer: answer.json)) }
        }
        // As long as Node's emitWithAck waits when somebody does not answer.
        Task {
            try? await Task.sleep(for: .milliseconds(milliseconds + 100))
            let (answers, expected) = gathered.withLock { $0 }
            event.acknowledgement?.send(
                Payload(json: ByteBuffer(string: "[[\(answers.joined(separator: ","))],\(expected)]"))
            )
        }
    }
}

extension Event {
    fileprivate var options: BroadcastOptions? { try? decode(FleetQuestions.Address.self).options }

    fileprivate var rooms: [Room]? { try? decode([RoomName].self, at: 1).map(\.room) }

    fileprivate var carried: Payload? { carried(from: 1) }

    /// The event that stands in this one's arguments, from `first` on.
    fileprivate func carried(from first: Int) -> Payload? {
        var json = ByteBuffer(string: "[")
        var index = first
        while let argument = argument(index) {
            if index > first { json.writeString(",") }
            json.writeImmutableBuffer(argument)
            index += 1
        }
        json.writeString("]")
        return index > first ? Payload(json: json, attachments: attachments) : nil
    }
}
