import ArgumentParser
import Domain
import Foundation
import NIOCore
import SocketIOClient
import Synchronization

struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "See what the Redis adapter is for: two people on two instances, without it and with it.",
        discussion: "Everything runs in a temporary folder and is gone afterwards."
    )

    @Option(help: "How many instances, 2 to 16.")
    var instances = 3

    @Flag(help: "Only without the adapter.")
    var noAdapter = false

    @OptionGroup var global: GlobalOptions

    /// So long a message that has not come is one that does not come.
    private static let patience = Duration.seconds(2)
    /// The kernel spreads connections by chance; so often is tried until two people are on two instances.
    private static let attemptsMax = 60

    func validate() throws {
        guard (2...16).contains(instances) else { throw ValidationError("--instances must be from 2 to 16") }
    }

    func run() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "chat-demo-\(getpid())")
        try Files.makeFolder(folder.path(percentEncoded: false), mode: 0o755)
        defer { try? FileManager.default.removeItem(at: folder) }
        let data = DataDirectory(path: folder.appending(path: "data").path(percentEncoded: false))
        try data.prepare()
        // With Ctrl-C, too, the folder has to go, and what runs in it.
        let scenes = try await StopSignals.cancelling {
            var scenes: [Scene] = []
            for usesAdapter in noAdapter ? [false] : [false, true] {
                scenes.append(try await play(usesAdapter: usesAdapter, data))
            }
            return scenes
        }
        if global.json { return global.console.data(Listing.json(scenes)) }
        guard let last = scenes.last, !last.usesAdapter || last.arrived else {
            if noAdapter { return }
            throw Failure(.failed, "with the adapter the message did not arrive")
        }
        global.console.note("")
        global.console.note(
            "Try it in two browser windows: \(Programs.asTyped) up --adapter none, then \(Programs.asTyped) up"
        )
    }

    /// What happened.
    private struct Scene: Encodable, Sendable {
        let usesAdapter: Bool
        let alice: String
        let bob: String
        let arrived: Bool
        let ms: Double?

        private enum CodingKeys: String, CodingKey {
            case alice, bob, arrived, ms
            case usesAdapter = "uses_adapter"
        }
    }

    private func play(usesAdapter: Bool, _ data: DataDirectory) async throws -> Scene {
        let console = global.console
        console.note(console.bold(usesAdapter ? "With the Redis adapter" : "Without an adapter"))
        let (readies, ready) = AsyncStream.makeStream(of: Supervisor.Ready.self)
        let supervisor = Supervisor(
            plan: try UpCommand.plan(count: instances, usesRedisAdapter: usesAdapter),
            data: data,
            preparation: FleetPreparation(),
            progress: Progress(console),
            onReady: { ready.yield($0) }
        )
        let running = Task {
            defer { ready.finish() }
            try await supervisor.run()
        }
        return try await withTaskCancellationHandler {
            defer { running.cancel() }
            var scene: Scene?
            for await fleet in readies {
                scene = try await talk(fleet, usesAdapter: usesAdapter, data)
                break
            }
            running.cancel()
            do { try await running.value } catch is CancellationError {} catch {
                if scene == nil { throw error }
            }
            guard let scene else { throw Failure.interrupted }
            return scene
        } onCancel: {
            running.cancel()
        }
    }

    private func talk(_ fleet: Supervisor.Ready, usesAdapter: Bool, _ data: DataDirectory) async throws -> Scene {
        let console = global.console
        guard let url = SupervisorState.read(data)?.databaseURL, let address = SocketIOAddress(fleet.url) else {
            throw Failure(.internalError, "the demo's fleet has no address")
        }
        return try await Servers.withDatabase(url) { database in
            let guests = try await Guests.make(2, rooms: 1, prefix: "demo", lasting: Self.patience, in: database)
            let alice = try await Window.open(guests.people[0], address)
            var bob = try await Window.open(guests.people[1], address)
            for _ in 0..<Self.attemptsMax where bob.instance == alice.instance {
                bob.client.close()
                bob = try await Window.open(guests.people[1], address)
            }
            console.data("  Alice's window is on \(alice.instance), Bob's on \(bob.instance).")
            console.data("  Alice says hello …")
            let startedAt = ContinuousClock.now
            let draft = SendRequest(
                room: guests.rooms[0].description,
                client_id: UUID().uuidString.lowercased(),
                body: "Hello!"
            )
            let _: Answer = try await alice.client.ask("message:send", draft)
            let arrived = await bob.hears(within: Self.patience)
            let took = (ContinuousClock.now - startedAt) / .milliseconds(1)
            alice.client.close()
            bob.client.close()
            console.data(
                arrived
                    ? "  … and Bob's window shows it after \(TimeText.milliseconds(took))."
                    : "  … and Bob's window shows nothing. The message is stored; he sees it when he loads the page again."
            )
            return Scene(
                usesAdapter: usesAdapter,
                alice: alice.instance,
                bob: bob.instance,
                arrived: arrived,
                ms: arrived ? took : nil
            )
        }
    }

    private struct SendRequest: Encodable, Sendable {
        let room: String
        let client_id: String
        let body: String
    }
    private struct Answer: Decodable, Sendable { let ok: Bool }
}

/// A person's connection in the demo.
private struct Window: Sendable {
    let client: SocketIOClient
    let instance: String
    private let messages: AsyncStream<Void>

    static func open(_ guest: Guests.Guest, _ address: SocketIOAddress) async throws -> Window {
        struct Ready: Decodable { var instance: String }
        let (readies, ready) = AsyncStream.makeStream(of: String.self)
        let (messages, heard) = AsyncStream.makeStream(of: Void.self)
        let client = try await SocketIOClient.connect(
            to: address,
            auth: guest.auth,
            events: .init(
                received: { event in
                    if event.name == "session:ready", let its = try? event.decode(Ready.self) {
                        ready.yield(its.instance)
                    }
                    if event.name == "message:created" { heard.yield() }
                },
                closed: { ready.finish() }
            )
        )
        for await instance in readies { return Window(client: client, instance: instance, messages: messages) }
        throw Failure(.unavailable, "the connection was closed before it was welcomed")
    }

    func hears(within patience: Duration) async -> Bool {
        await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                for await _ in messages { return true }
                return false
            }
            group.addTask {
                try? await Task.sleep(for: patience)
                return false
            }
            defer { group.cancelAll() }
            return await group.next() ?? false
        }
    }
}
