internal import NIOCore
internal import NIOHTTP1

/// Packets in long-polling: one request always waits for what the server has, another one brings what is sent. The two
/// have a connection each, as in a browser.
final class PollingTransport: ClientTransport {
    /// How long a server has to take the last packets of a client that goes.
    private static let farewellMax = TimeAmount.seconds(2)
    /// What a body may hold until the server has said.
    private static let payloadBytesStandard = 100_000

    private let endpoint: ClientEndpoint
    private let owner: any TransportOwner
    private let polls: HTTPRequester
    private let posts: HTTPRequester
    private var sid: String?
    private var payloadBytesMax = payloadBytesStandard
    private var queue: [ByteBuffer] = []
    private var isPolling = false
    private var isPosting = false
    private var isClosing = false
    private var isClosed = false
    /// Called once no request is under way and none will be made.
    private var rested: (() -> Void)?

    /// Begins with a poll; the owner hears what comes of it.
    init(_ endpoint: ClientEndpoint, owner: any TransportOwner) {
        self.endpoint = endpoint
        self.owner = owner
        polls = HTTPRequester(endpoint)
        posts = HTTPRequester(endpoint)
        owner.began(self)
        poll()
    }

    func opened(_ open: OpenPacket) {
        sid = open.sid
        payloadBytesMax = open.maxPayload ?? payloadBytesMax
    }

    // MARK: Out

    func send(_ packet: ByteBuffer) {
        guard !isClosing else { return }
        queue.append(packet)
        post()
    }

    private func post() {
        guard !isPosting, !isClosed, rested == nil, let sid, !queue.isEmpty else { return }
        isPosting = true
        let body = PollingPayload.encode(&queue, bytesMax: payloadBytesMax)
        posts.request(.POST, endpoint.target(transport: "polling", sid: sid), body: body) { result in
            self.isPosting = false
            switch result {
            case .success(let answer) where answer.status == 200:
                self.post()
                self.restIfQuiet()
                if self.isClosing, !self.isPosting { self.end() }
            case .success(let answer): self.end(.refused(status: answer.status))
            case .failure(let error): self.end(error)
            }
        }
    }

    /// Says goodbye, and closes when the server has heard it.
    func close() {
        guard !isClosing, !isClosed else { return }
        guard sid != nil else { return end() }
        queue.append(ByteBuffer(string: "1"))
        isClosing = true
        post()
        endpoint.loop.assumeIsolated().scheduleTask(in: Self.farewellMax) { self.end() }
    }

    // MARK: In

    private func poll() {
        guard !isPolling, !isClosed, rested == nil else { return }
        isPolling = true
        polls.request(.GET, endpoint.target(transport: "polling", sid: sid)) { result in
            self.isPolling = false
            guard !self.isClosed else { return }
            switch result {
            case .success(let answer) where answer.status == 200:
                guard self.receive(answer.body) else { return }
                self.poll()
                self.restIfQuiet()
            case .success(let answer): self.end(.refused(status: answer.status))
            case .failure(let error): self.end(error)
            }
        }
    }

    /// False when that was the end.
    private func receive(_ body: ByteBuffer) -> Bool {
        do {
            for packet in try PollingPayload.decode(body) where !isClosed {
                switch packet {
                case .text(let packet): owner.received(packet)
                case .binary(let content): owner.receivedBinary(content)
                }
            }
        } catch {
            end(error)
        }
        return !isClosed
    }

    // MARK: Making way

    /// Makes no more requests and calls `rested` when those that are under way were answered. What is sent meanwhile is
    /// kept.
    func rest(_ rested: @escaping () -> Void) {
        self.rested = rested
        restIfQuiet()
    }

    private func restIfQuiet() {
        guard !isPolling, !isPosting, !isClosed, let rested else { return }
        isClosed = true
        polls.close()
        posts.close()
        rested()
    }

    /// What was sent since it was asked to rest.
    func takeQueue() -> [ByteBuffer] {
        defer { queue = [] }
        return queue
    }

    private func end(_ error: SocketIOClientError? = nil) {
        guard !isClosed else { return }
        isClosed = true
        polls.close()
        posts.close()
        if let error { owner.failed(error) }
        owner.closed()
    }
}
