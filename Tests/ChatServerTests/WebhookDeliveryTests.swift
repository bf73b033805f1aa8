import Domain
import EngineIO
import Foundation
import NIOCore
import NIOHTTP1
import Storage
import Synchronization
import TestSupport
import Testing

@testable import ChatServer
@testable import Webhooks

@Suite("The delivery of webhooks")
struct WebhookDeliveryTests {
    @Test("what a room was told comes signed, in order, and once; many changes come in few requests")
    func delivers() async throws {
        try await Scene.with { scene in
            let made = try await scene.webhook()
            let texts = (1...250).map { "text \($0)" }
            for text in texts { try await scene.say(text) }
            #expect(await scene.deliverDue() == 1)
            let requests = scene.receiver.all
            #expect(scene.receiver.bodies == texts)
            #expect(requests.map(\.events.count) == [100, 100, 50])
            #expect(Set(requests.flatMap(\.events).map(\.id)).count == 250)
            for request in requests {
                #expect(request.room == "dev" && request.people == ["alice"])
                #expect(request.eventID == request.events.last?.id)
                let time = try #require(Double(request.signature.dropFirst(2).prefix { $0 != "," }))
                let date = Date(timeIntervalSince1970: time)
                #expect(abs(date.timeIntervalSinceNow) < 60)
                #expect(request.signature == WebhookSignature.make(of: request.body, with: made.secret, at: date))
            }
            #expect(await scene.deliverDue() == 0)
            #expect(scene.counts.current == WebhookCounts.Values(delivered: 250, failed: 0, dead: 0))
        }
    }

    @Test("edits, deletions and reactions come as the message is now")
    func changes() async throws {
        try await Scene.with { scene in
            _ = try await scene.webhook()
            let first = try await scene.say("first")
            let second = try await scene.say("second")
            await scene.deliverDue()
            _ = try await scene.chat.edit(first.seq, in: scene.room, body: "edited", by: scene.alice)
            _ = try await scene.chat.react(to: first.seq, in: scene.room, with: "👍", adding: true, by: scene.alice)
            _ = try await scene.chat.delete(second.seq, in: scene.room, by: scene.alice)
            await scene.deliverDue()
            let events = scene.receiver.all.flatMap(\.events)
            #expect(
                events.map(\.event) == ["message:created", "message:created", "message:updated", "message:deleted"]
            )
            #expect(events[2].data?.body == "edited" && events[3].data?.body == "")
        }
    }

    @Test("a body is cut to what a request may have, and nothing is left out")
    func large() async throws {
        try await Scene.with { scene in
            _ = try await scene.webhook()
            for number in 0..<60 { try await scene.say("\(number) " + String(repeating: "x", count: 7_000)) }
            await scene.deliverDue()
            #expect(scene.receiver.all.allSatisfy { $0.body.count <= WebhookRequest.bodyBytesMax })
            #expect(scene.receiver.bodies.map { Int($0.prefix { $0 != " " }) } == Array(0..<60))
        }
    }

    @Test("what a receiver refuses is tried again when its time has come, from the same place")
    func retries() async throws {
        try await Scene.with { scene in
            _ = try await scene.webhook()
            scene.receiver.answer { exchange, number in
                exchange.respond(number <= 2 ? .internalServerError : .noContent)
            }
            try await scene.say("hello")
            #expect(await scene.deliverDue() == 1)
            #expect(await scene.deliverDue() == 0)
            scene.clock.advance(seconds: 2)
            #expect(await scene.deliverDue() == 1)
            try await scene.say("more")
            #expect(await scene.deliverDue() == 0)
            scene.clock.advance(seconds: 4)
            #expect(await scene.deliverDue() == 1)
            #expect(scene.receiver.bodies == ["hello", "hello", "hello", "more"])
            let webhook = try await scene.chat.webhooks(by: .owner)[0]
            #expect(webhook.state == .active && webhook.failures == 0 && webhook.status == 204)
            #expect(scene.counts.current == WebhookCounts.Values(delivered: 2, failed: 2, dead: 0))
        }
    }

    @Test("a receiver that asks for time gets it")
    func retryAfter() async throws {
        try await Scene.with { scene in
            _ = try await scene.webhook()
            scene.receiver.answer { exchange, _ in
                exchange.respond(.serviceUnavailable, headers: ["Retry-After": "90"])
            }
            try await scene.say("hello")
            await scene.deliverDue()
            let next = try await scene.chat.webhooks(by: .owner)[0].nextAttemptAt
            #expect(next == scene.clock.now.addingTimeInterval(90))
        }
    }

    @Test("after a day of failures a webhook is dead, and after a test that is taken nothing was lost")
    func dies() async throws {
        try await Scene.with { scene in
            let made = try await scene.webhook()
            scene.receiver.answer { exchange, _ in exchange.respond(.badGateway) }
            try await scene.say("hello")
            let start = scene.clock.now
            while scene.counts.current.dead == 0, scene.clock.now < start.addingTimeInterval(2 * 86_400) {
                await scene.deliverDue()
                scene.clock.advance(seconds: 300)
            }
            let webhook = try await scene.chat.webhooks(by: .owner)[0]
            guard case .dead(let since) = webhook.state else { throw Unexpected("\(webhook.state)") }
            let seconds = since.timeIntervalSince(start)
            #expect(seconds >= 86_400 && seconds < 86_400 + 1_200)
            #expect(scene.counts.current.dead == 1)
            #expect(try await scene.chat.audit(by: .owner).contains { $0.action == .webhookDie })

            scene.receiver.answer(WebhookReceiver.takes)
            let before = scene.receiver.all.count
            let test = try await scene.chat.testWebhook(made.webhook.id, with: scene.sender, by: .owner)
            #expect(test.revived)
            await scene.deliverDue()
            let after = scene.receiver.all.dropFirst(before)
            #expect(after.flatMap(\.events).map(\.event) == ["ping", "message:created"])
        }
    }

    @Test("a receiver that is gone for good is believed at once")
    func gone() async throws {
        try await Scene.with { scene in
            _ = try await scene.webhook()
            scene.receiver.answer { exchange, _ in exchange.respond(.gone) }
            try await scene.say("hello")
            await scene.deliverDue()
            #expect(try await scene.chat.webhooks(by: .owner)[0].state == .dead(since: scene.clock.now))
        }
    }

    @Test("redirects are not followed, and what is larger than an answer needs to be is not read")
    func answers() async throws {
        try await WebhookReceiver.with { elsewhere in
            try await Scene.with { scene in
                _ = try await scene.webhook()
                scene.receiver.answer { exchange, _ in
                    exchange.respond(.temporaryRedirect, headers: ["Location": elsewhere.url()])
                }
                try await scene.say("hello")
                await scene.deliverDue()
                #expect(elsewhere.all.isEmpty)
                let failure = try await scene.chat.webhooks(by: .owner)[0].failure
                #expect(failure == "HTTP 307: redirects are not followed")
                scene.receiver.answer { exchange, _ in
                    exchange.respond(.ok, body: ByteBuffer(repeating: 0x20, count: 8 << 20))
                }
                scene.clock.advance(seconds: 2)
                await scene.deliverDue()
                #expect(try await scene.chat.webhooks(by: .owner)[0].state == .active)
            }
        }
    }

    @Test("within a burst one connection serves, and one that the receiver closes meanwhile costs nothing")
    func connection() async throws {
        try await Scene.with { scene in
            _ = try await scene.webhook()
            let ports = Mutex<Set<Int>>([])
            scene.receiver.answer { exchange, number in
                ports.withLock { _ = $0.insert(exchange.remoteAddress?.port ?? 0) }
                // The fourth request finds a receiver that has enough of the connection.
                if number == 4 { return exchange.channel.close(promise: nil) }
                exchange.respond(.noContent)
            }
            let delivery = scene.delivery()
            for number in 1...5 {
                try await scene.say("text \(number)")
                for claim in await delivery.take(atMost: 1) { await delivery.deliver(claim) }
                #expect(ports.withLock { $0.count } == (number < 4 ? 1 : 2))
            }
            await delivery.connections.closeAll()
            #expect(scene.receiver.bodies == ["text 1", "text 2", "text 3", "text 4", "text 4", "text 5"])
            #expect(scene.counts.current.failed == 0)
        }
    }

    @Test("a receiver that says nothing is waited for no longer than a request may take")
    func silent() async throws {
        try await Scene.with { scene in
            _ = try await scene.webhook()
            scene.receiver.answer { _, _ in }
            try await scene.say("hello")
            await scene.delivery(timeout: .milliseconds(200)).deliverDue()
            let webhook = try await scene.chat.webhooks(by: .owner)[0]
            #expect(webhook.status == nil && webhook.failure?.hasPrefix("no answer") == true)
        }
    }

    @Test("where nobody listens, and where there is no host, the owner reads so")
    func nobody() async throws {
        try await Scene.with { scene in
            let port = try await TestPorts.free()[0]
            func failure(_ host: String) async -> String? {
                let url = "http://\(host):\(port)/"
                let target = WebhookTarget(id: .new(at: Date()), name: "nobody", url: url, secret: "secret")
                return await scene.sender.ping(target).failure
            }
            #expect(await failure("127.0.0.1") == "no connection: Connection refused")
            #expect(await failure("nobody.invalid") == "nobody.invalid has no address")
        }
    }

    @Test(
        "no request goes to an address that is not allowed, whatever the name, also of a webhook that was made before"
    )
    func guarded() async throws {
        try await Scene.with { scene in
            for host in ["localhost", "LOCALHOST", "127.0.0.1", "127.1", "0x7f000001", "2130706433"] {
                _ = try await scene.webhook(host: host)
            }
            try await scene.say("hello")
            await scene.delivery(networks: .publicOnly).deliverDue()
            #expect(scene.receiver.all.isEmpty)
            let failures = Set(try await scene.chat.webhooks(by: .owner).map(\.failure))
            #expect(failures == ["Without TLS only hosts and networks of WEBHOOK_ALLOWED_NETWORKS are told."])
            scene.clock.advance(seconds: 2)
            #expect(await scene.deliverDue() == 6, "each of these names is the address that was listed")
            #expect(scene.receiver.all.count == 6)
        }
    }

    @Test("two instances that run deliver everything once and never at the same time, as soon as it is said")
    func together() async throws {
        try await Scene.with { scene in
            _ = try await scene.webhook()
            let open = Mutex((now: 0, worst: 0))
            scene.receiver.answer { exchange, _ in
                open.withLock { $0 = ($0.now + 1, max($0.worst, $0.now + 1)) }
                exchange.channel.eventLoop.scheduleTask(in: .milliseconds(3)) {
                    open.withLock { $0.now -= 1 }
                    exchange.respond(.noContent)
                }
            }
            let instances = [scene.delivery(clock: ContinuousClock()), scene.delivery(clock: ContinuousClock())]
            let running = instances.map { instance in Task { await instance.run() } }
            for number in 0..<100 {
                try await scene.say("text \(number)")
                instances[number % 2].bell.ring(for: scene.room)
            }
            // Sooner than the next sweep would find it.
            try await eventually("everything came") { scene.receiver.bodies.count >= 100 }
            #expect(scene.receiver.bodies == (0..<100).map { "text \($0)" })
            #expect(open.withLock { $0.worst } == 1)
            for task in running { task.cancel() }
            for task in running { await task.value }
        }
    }

    @Test("what nobody rang for is found by the sweep")
    func sweep() async throws {
        try await Scene.with { scene in
            _ = try await scene.webhook()
            let clock = SteppedClock()
            let delivery = scene.delivery(clock: clock)
            let running = Task { await delivery.run() }
            try await scene.say("hello")
            try await eventually("the sweep finds it") {
                try await clock.advance(by: WebhookDelivery.sweepInterval)
                return scene.receiver.bodies == ["hello"]
            }
            running.cancel()
            await running.value
        }
    }

    @Test("an instance that is stopped in the middle of a request gives the webhook back, and counts no failure")
    func stopped() async throws {
        try await Scene.with { scene in
            _ = try await scene.webhook()
            scene.receiver.answer { _, _ in }
            try await scene.say("hello")
            let delivery = scene.delivery(clock: ContinuousClock())
            let running = Task { await delivery.run() }
            try await eventually("it is under way") { scene.receiver.all.count == 1 }
            running.cancel()
            await running.value
            #expect(try await scene.chat.webhooks(by: .owner)[0].failures == 0)
            scene.receiver.answer(WebhookReceiver.takes)
            #expect(await scene.deliverDue() == 1)
            #expect(scene.receiver.bodies == ["hello", "hello"])
        }
    }
}

/// A chat with a room, a receiver, and an instance that delivers when it is told to.
private struct Scene {
    let chat: Chat
    let database: Database
    let receiver: WebhookReceiver
    let clock = MovedClock()
    let counts = WebhookCounts()
    let alice: Identity
    let room: RoomID
    var sender: WebhookSender { sender(Self.networks, WebhookSender.requestTimeout) }

    static let networks = WebhookNetworks(ranges: [AddressRange("127.0.0.0/8")!])

    static func with(_ body: (Scene) async throws -> Void) async throws {
        try await ThrowawayDatabase.with { throwaway in
            try await WebhookReceiver.with { receiver in
                let chat = throwaway.chat(policy: ChatPolicy(webhookNetworks: networks))
                let alice = try await chat.bot("alice")
                let room = try await chat.createRoom(name: "dev", by: .person(alice)).summary.id
                try await body(
                    Scene(chat: chat, database: throwaway.database, receiver: receiver, alice: alice, room: room)
                )
            }
        }
    }

    private init(chat: Chat, database: Database, receiver: WebhookReceiver, alice: Identity, room: RoomID) {
        self.chat = chat
        self.database = database
        self.receiver = receiver
        self.alice = alice
        self.room = room
    }

    func webhook(host: String = "localhost") async throws -> IssuedWebhook {
        try await chat.createWebhook(url: receiver.url(host), rooms: [room], by: .owner)
    }

    @discardableResult
    func say(_ body: String) async throws -> Message {
        try await chat.send(Draft(room: room, clientID: UUID().uuidString, body: body), by: alice).message
    }

    func delivery(
        networks: WebhookNetworks = networks,
        timeout: Duration = WebhookSender.requestTimeout,
        clock: any Clock<Duration> = ContinuousClock()
    ) -> WebhookDelivery {
        WebhookDelivery(
            queue: database.webhooks,
            connections: WebhookConnections(sender(networks, timeout)),
            bell: WebhookBell(),
            counts: counts,
            actor: .system(name: "instance i-1"),
            clock: clock,
            wallClock: self.clock,
            logger: ThrowawayDatabase.silence
        )
    }

    private func sender(_ networks: WebhookNetworks, _ timeout: Duration) -> WebhookSender {
        WebhookSender(networks: networks, timeout: timeout, logger: ThrowawayDatabase.silence)
    }

    /// How many webhooks were due.
    @discardableResult
    func deliverDue() async -> Int { await delivery().deliverDue() }
}

extension WebhookDelivery {
    /// How many webhooks were due.
    @discardableResult
    fileprivate func deliverDue() async -> Int {
        let claims = await take(atMost: 10)
        for claim in claims { await deliver(claim) }
        await connections.closeAll()
        return claims.count
    }
}

private final class MovedClock: WallClock {
    private let time = Mutex(Date(timeIntervalSince1970: 1_800_000_000))
    var now: Date { time.withLock { $0 } }
    func advance(seconds: TimeInterval) { time.withLock { $0 += seconds } }
}

private struct Unexpected: Error {
    let description: String
    init(_ description: String) { self.description = description }
}
