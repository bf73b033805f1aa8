import ArgumentParser
import Domain
import Foundation
import NIOCore
import SocketIOClient

struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measure any Socket.IO server under load.",
        discussion: """
            idle          connects and holds the connections
            echo          each client sends, waits for the acknowledgement (or --reply EVENT), and sends again
            fan-out       one client sends, all receive; the payload needs {time}
            durable-send  as echo, and the acknowledgement has to say {"ok": true}

            In the payload {id} becomes a unique id, {time} the moment of sending, {client} and {n} numbers. Without \
            --url it measures the chat that runs here, with accounts of its own that are removed afterwards.
            """
    )

    @Argument(help: "idle, echo, fan-out or durable-send.")
    var mode: LoadRun.Mode

    @Option(
        name: .customLong("url"),
        help: ArgumentHelp("The server; several are used in turn.", valueName: "http://host:port")
    )
    var urls: [String] = []

    @Option(help: "How many clients.")
    var clients = 100

    @Option(help: "New connections per second.")
    var connectRate = 500.0

    @Option(help: ArgumentHelp("How long to measure.", valueName: "time"))
    var duration = Span(.seconds(10))

    @Option(help: "The event that is sent.")
    var event: String?

    @Option(help: "The event's arguments, JSON.")
    var payload: String?

    @Option(help: "Instead of --payload: a text of that many bytes.")
    var payloadBytes: Int?

    @Option(help: ArgumentHelp("The event that comes back, instead of an acknowledgement.", valueName: "event"))
    var reply: String?

    @Option(
        help: "How clients connect: websocket, polling (two connections each), or upgrade from that to a WebSocket."
    )
    var transport = SocketIOClient.Transport.websocket

    @Option(help: "The namespace.")
    var namespace = "/"

    @Option(
        help: ArgumentHelp("A file with the JSON object that goes with CONNECT.", valueName: "file"),
        completion: .file()
    )
    var authFile: String?

    @Option(help: "Messages of a client that wait for answers at the same time.")
    var inFlight = 1

    @Option(help: "Messages per second: of the sender in a fan-out, and of each client with --reply.")
    var rate = 10.0

    @OptionGroup var trust: TrustOptions
    @OptionGroup var global: GlobalOptions

    func validate() throws {
        guard (1...100_000).contains(clients) else { throw ValidationError("--clients must be from 1 to 100000") }
        guard (1...1_000).contains(inFlight) else { throw ValidationError("--in-flight must be from 1 to 1000") }
        guard rate > 0, connectRate > 0 else { throw ValidationError("rates are above 0") }
        if payload != nil, payloadBytes != nil { throw ValidationError("use --payload or --payload-bytes") }
    }

    func run() async throws {
        let addresses = try urls.map { text in
            guard let address = SocketIOAddress(text) else {
                throw Failure(.usage, "\"\(text)\" is no address like http://host:port")
            }
            return address
        }
        if addresses.isEmpty { return try await measureOwnChat() }
        var auths: [ByteBuffer] = []
        if let authFile {
            guard let text = Files.read(authFile) else { throw Files.cannot("read", authFile) }
            auths = [ByteBuffer(string: text.trimmingCharacters(in: .whitespacesAndNewlines))]
        }
        try await measure(try plan(addresses, auths: auths, event: "echo", payload: "\"{time}\""))
    }

    /// The chat that runs here, with guests.
    private func measureOwnChat() async throws {
        guard let url = SupervisorState.read(global.dataDirectory)?.url, let address = SocketIOAddress(url) else {
            throw Failure(
                .unavailable,
                "no chat runs here that could be measured",
                hint: "start it: \(Programs.asTyped) up, or name a server with --url"
            )
        }
        let lasting = duration.duration + .seconds(Double(clients) / connectRate)
        try await Guests.with(clients, rooms: 1, prefix: "bench", lasting: lasting, global) { guests, _ in
            let auths = guests.people.map(\.auth)
            let room = guests.rooms[0]
            let message = #"{"room":"\#(room)","client_id":"{id}","body":"{time}"}"#
            var plan = try plan([address], auths: auths, event: "message:send", payload: message)
            switch mode {
            case .fanOut: plan.replyEvent = reply ?? "message:created"
            case .echo where event == nil: plan.template = try PayloadTemplate(event: "room:list", payload: "{}")
            case .idle, .echo, .durableSend: break
            }
            try await measure(plan)
        }
    }

    private func plan(
        _ addresses: [SocketIOAddress],
        auths: [ByteBuffer],
        event standard: String,
        payload standardPayload: String
    ) throws -> LoadRun.Plan {
        let text = payloadBytes.map { "\"{time}" + String(repeating: "x", count: max(0, $0 - 16)) + "\"" }
        return LoadRun.Plan(
            mode: mode,
            addresses: addresses,
            trust: try trust.trust(for: addresses),
            namespace: namespace,
            transport: transport,
            auths: auths,
            clients: clients,
            connectsPerSecond: connectRate,
            duration: duration.duration,
            template: try PayloadTemplate(event: event ?? standard, payload: payload ?? text ?? standardPayload),
            replyEvent: reply,
            inFlight: inFlight,
            sendsPerSecond: rate
        )
    }

    private func measure(_ plan: LoadRun.Plan) async throws {
        let console = global.console
        let report = try await LoadRun(plan: plan, progress: ProgressBar(console, mode.rawValue)).run()
        if console.isJSON { console.data(JSONText.encode(["data": report])) } else { print(report, to: console) }
        guard report.failed == 0, report.dropped == 0, report.refused == 0 else {
            throw Failure(
                .failed,
                "\(report.failed) failed, \(report.refused) refused, \(report.dropped) dropped",
                hint: report.problem
            )
        }
    }

    private func print(_ report: LoadRun.Report, to console: Console) {
        console.data(
            "clients     \(report.connected) of \(report.clients) connected to \(report.urls.joined(separator: ", ")) "
                + "by \(report.transport)"
        )
        if let connect = report.connect { console.data("connecting  \(Self.line(connect))") }
        if mode != .idle {
            let rate = TimeText.rate(report.perSecond)
            console.data("messages    \(report.sent) sent, \(report.received) answered or received, \(rate) per second")
        }
        if let latency = report.latency { console.data("latency     \(Self.line(latency))") }
        if case .table = console.form {
            for line in LatencyRecorder.picture(report.histogram) { console.data("  " + line) }
        }
    }

    private static func line(_ times: LatencyRecorder.Summary) -> String {
        let values = [
            ("mean", times.mean), ("p50", times.p50), ("p90", times.p90), ("p99", times.p99), ("p99.9", times.p999),
            ("max", times.max),
        ]
        return values.map { "\($0.0) \(TimeText.milliseconds($0.1))" }.joined(separator: "  ")
    }
}

extension LoadRun.Mode: ExpressibleByArgument {}
extension SocketIOClient.Transport: ExpressibleByArgument {}
