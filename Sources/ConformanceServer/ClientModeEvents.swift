import Foundation
import NIOCore
import SocketIO

/// The events of the default namespace in `client` mode, by their names in the suite.
struct ClientModeEvents {
    func register(on namespace: Namespace) {
        registerEchoes(on: namespace)
        registerTimes(on: namespace)
        registerTexts(on: namespace)
        registerBinaries(on: namespace)
        registerSequences(on: namespace)
    }

    private func registerEchoes(on namespace: Namespace) {
        namespace.on("hi") { socket, _ in try? socket.emit("hi") }
        namespace.on("echo") { _, event in event.acknowledgement?.send(event.arguments) }
        namespace.on("getId") { socket, event in try? event.acknowledgement?(socket.id) }
        namespace.on("getHandshake") { socket, event in
            event.acknowledgement?.send(.array(of: [socket.handshake.json]))
        }
        namespace.on("ack") { (socket: Socket, _) in
            // The answer comes behind this event, so the wait for it has a task of its own, for as long as it takes.
            Task {
                let answer = try await socket.emitWithAck(.event("ack"), timeout: .seconds(10))
                if answer.json == ByteBuffer(string: #"[5,{"test":true}]"#) { try socket.emit("got it") }
            }
        }
    }

    private func registerTimes(on namespace: Namespace) {
        struct Dated: Encodable, Sendable {
            var date = Date()
        }
        namespace.on("getAckDate") { _, event in try? event.acknowledgement?(Date()) }
        namespace.on("getDate") { socket, _ in try? socket.emit("takeDate", Date()) }
        namespace.on("getDateObj") { socket, _ in try? socket.emit("takeDateObj", Dated()) }
    }

    private func registerTexts(on namespace: Namespace) {
        namespace.on("getUtf8") { socket, _ in
            for text in ["てすと", "Я Б Г Д Ж Й", "Ä ä Ü ü ß", "utf8 — string", "utf8 — string"] {
                try? socket.emit("takeUtf8", text)
            }
        }
        namespace.on("false") { socket, _ in try? socket.emit("false", false) }
    }

    private func registerBinaries(on namespace: Namespace) {
        struct Mixed: Decodable {
            var hello: String
            var message: Binary
            var goodbye: String
        }
        let bytes = Binary(ByteBuffer(string: "asdfasdf"))
        namespace.on("doge") { socket, _ in try? socket.emit("doge", bytes) }
        namespace.on("getbin") { socket, _ in try? socket.emit("takebin", bytes) }
        for (name, answer) in [("buffa", "buffack"), ("blob", "back")] {
            namespace.on(name) { socket, event in
                if (try? event.decode(Binary.self)) != nil { try? socket.emit(answer) }
            }
        }
        for (name, answer) in [("jsonbuff", "jsonbuff-ack"), ("jsonblob", "jsonblob-ack")] {
            namespace.on(name) { socket, event in
                guard let mixed = try? event.decode(Mixed.self), mixed.hello == "lol", mixed.goodbye == "gotcha"
                else { return }
                try? socket.emit(answer)
            }
        }
    }

    /// Events that count only in their order; each socket's own.
    private func registerSequences(on namespace: Namespace) {
        enum Seen: SocketDataKey { typealias Value = [String] }
        for name in ["abuff1", "blob1"] {
            namespace.on(name) { socket, event in
                if (try? event.decode(Binary.self)) != nil { socket[Seen.self] = [name] }
            }
        }
        namespace.on("blob2") { socket, event in
            if (try? event.decode(String.self)) == "second" { socket[Seen.self]?.append("blob2") }
        }
        namespace.on("abuff2") { socket, _ in
            if socket[Seen.self] == ["abuff1"] { try? socket.emit("abuff2-ack") }
        }
        namespace.on("blob3") { socket, event in
            guard (try? event.decode(Binary.self)) != nil, socket[Seen.self] == ["blob1", "blob2"] else { return }
            try? socket.emit("blob3-ack")
        }
    }
}

extension Payload {
    /// An event without arguments.
    fileprivate static func event(_ name: String) -> Payload {
        Payload(json: ByteBuffer(string: "[\"\(name)\"]"))
    }

    /// Arguments that are JSON already.
    fileprivate static func array(of values: [ByteBuffer]) -> Payload {
        var json = ByteBuffer(string: "[")
        for (index, value) in values.enumerated() {
            if index > 0 { json.writeString(",") }
            json.writeImmutableBuffer(value)
        }
        json.writeString("]")
        return Payload(json: json)
    }
}
