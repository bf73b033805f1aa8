import ArgumentParser
import Domain
import Foundation
import Views
import Webhooks

struct WebhookCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "webhook",
        abstract: "Tell programs elsewhere what happens in rooms.",
        subcommands: [Create.self, List.self, Test.self, Remove.self],
        aliases: ["webhooks"]
    )
}

struct WebhookArgument: ParsableArguments {
    @Argument(help: "A webhook's name or id.", completion: .custom { words, _, _ in NameCompletion.webhooks(words) })
    var name: String
}

extension WebhookCommand {
    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "create",
            abstract: "Make a webhook. Its secret is printed once, alone on standard output.",
            aliases: ["add"]
        )

        @Argument(help: "Where requests go: https://host/path")
        var url: String

        @Option(
            help: ArgumentHelp("A room of which it is told. Can be repeated.", valueName: "name"),
            completion: .custom { words, _, _ in NameCompletion.rooms(words) }
        )
        var room: [String]

        @Option(help: ArgumentHelp("What to call it: 1 to 64 of a-z 0-9 _ -", valueName: "name"))
        var name: String?

        @Flag(help: "It is no mistake when a webhook of this name exists.")
        var ifNotExists = false

        @OptionGroup var global: GlobalOptions

        private struct Created: Encodable {
            let data: WebhookView
            let secret: String?
        }

        func validate() throws {
            if ifNotExists, name == nil { throw ValidationError("--if-not-exists needs --name") }
        }

        func run() async throws {
            let console = global.console
            let servers = try await Servers.locate(global)
            try await checkAddress(servers)
            let issued: IssuedWebhook
            do {
                issued = try await servers.withChat { chat in
                    try await chat.createWebhook(
                        name: name,
                        url: url,
                        rooms: try await Lookup.rooms(room, in: chat).map(\.id),
                        by: Servers.actor
                    )
                }
            } catch ChatError.conflict {
                let name = name ?? ""
                guard ifNotExists else {
                    throw Failure(
                        .exists,
                        "webhook \"\(name)\" already exists",
                        hint: "see the webhooks with: \(Programs.asTyped) webhook ls"
                    )
                }
                let found = try await servers.withChat { try await Lookup.webhook(name, in: $0) }
                if global.json {
                    return console.data(JSONText.encode(Created(data: WebhookView(found), secret: nil)))
                }
                return console.note("Webhook \(found.name) exists.")
            }
            let made = issued.webhook.name
            if global.json {
                let record = Created(data: WebhookView(issued.webhook), secret: issued.secret)
                return console.data(JSONText.encode(record))
            }
            console.data(issued.secret)
            console.note(
                "The secret of webhook \(made) is shown only now. Try it: \(Programs.asTyped) webhook test \(made)"
            )
        }

        /// What no instance would ever send to is said now. A name that does not exist yet may exist tomorrow.
        private func checkAddress(_ servers: Servers) async throws {
            let parsed = try WebhookURL(url)
            let sender = WebhookSender(networks: servers.webhookNetworks, logger: Servers.logger)
            switch await sender.permits(parsed) {
            case true?: return
            case false?: throw WebhookNetworks.refusal(of: parsed)
            case nil: global.console.warn("\(parsed.host) has no address at the moment")
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "ls",
            abstract: "List webhooks, and how they do.",
            aliases: ["list"]
        )

        @OptionGroup var list: ListOptions
        @OptionGroup var global: GlobalOptions

        func run() async throws {
            let choice = try list.choice(of: WebhookView.self)
            let (webhooks, rooms) = try await Servers.locate(global).withChat { chat in
                let rooms = try await chat.rooms(by: Servers.actor).map { ($0.id, $0.room.name ?? "") }
                return (try await chat.webhooks(by: Servers.actor), Dictionary(uniqueKeysWithValues: rooms))
            }
            let now = Date()
            try Listing.write(
                webhooks,
                columns: [
                    Column("NAME") { $0.name },
                    Column("STATE", plain: { $0.state.plain }) { $0.state.described(now) },
                    Column("STATUS", shrinks: true) { webhook in
                        webhook.failure ?? webhook.status.map { "HTTP \($0)" } ?? ""
                    },
                    Column("LAST", plain: { $0.attemptedAt.map(TimeText.rfc3339) ?? "" }) {
                        $0.attemptedAt.map { TimeText.ago($0, now: now) } ?? "never"
                    },
                    Column("NEXT", plain: { $0.nextAttemptAt.map(TimeText.rfc3339) ?? "" }) {
                        $0.nextAttemptAt.map { TimeText.until($0, now: now) } ?? ""
                    },
                    Column("ROOMS", shrinks: true) { webhook in
                        webhook.rooms.map { "#\(rooms[$0] ?? "\($0)")" }.sorted().joined(separator: ",")
                    },
                    Column("URL", shrinks: true) { $0.url },
                ],
                records: WebhookView.init,
                choice: choice,
                counting: "webhook",
                "webhooks",
                to: global.console
            )
        }
    }

    struct Test: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "test",
            abstract: "Send a signed ping now. A webhook that was given up goes on when it is taken."
        )

        @OptionGroup var webhook: WebhookArgument
        @OptionGroup var global: GlobalOptions

        private struct Outcome: Encodable {
            let webhook: String
            let delivered: Bool
            let status: Int64?
            let failure: String?
            let ms: Double
            let revived: Bool
        }

        func run() async throws {
            let console = global.console
            let servers = try await Servers.locate(global)
            let sender = WebhookSender(networks: servers.webhookNetworks, logger: Servers.logger)
            let test = try await servers.withChat { chat in
                let id = try await Lookup.webhook(webhook.name, in: chat).id
                return try await chat.testWebhook(id, with: sender, by: Servers.actor)
            }
            let milliseconds = test.answer.took / .milliseconds(1)
            if global.json {
                let outcome = Outcome(
                    webhook: test.webhook.name,
                    delivered: test.answer.isDelivered,
                    status: test.answer.status,
                    failure: test.answer.failure,
                    ms: (milliseconds * 10).rounded() / 10,
                    revived: test.revived
                )
                console.data(JSONText.encode(["data": outcome]))
            }
            if let failure = test.answer.failure {
                throw Failure(
                    .failed,
                    "\(test.webhook.name) did not take it after \(TimeText.milliseconds(milliseconds)): \(failure)"
                )
            }
            guard !global.json else { return }
            console.data("HTTP \(test.answer.status ?? 0) after \(TimeText.milliseconds(milliseconds))")
            if test.revived { console.note("\(test.webhook.name) was dead and goes on where it stopped.") }
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "rm",
            abstract: "Remove a webhook; it is told nothing any more.",
            aliases: ["delete"]
        )

        @OptionGroup var webhook: WebhookArgument

        @Flag(help: "It is no mistake when there is no such webhook.")
        var missingOk = false

        @OptionGroup var global: GlobalOptions

        func run() async throws {
            let servers = try await Servers.locate(global)
            let found: Webhook
            do {
                found = try await servers.withChat { try await Lookup.webhook(webhook.name, in: $0) }
            } catch let failure as Failure where failure.kind == .notFound && missingOk {
                return global.console.note("There is no webhook \(webhook.name).")
            }
            try global.confirmation.ask("Remove webhook \(found.name), with its secret and what it was not told yet?")
            let removed = try await servers.withChat { try await $0.deleteWebhook(found.id, by: Servers.actor) }
            if global.json { return global.console.data(JSONText.encode(["data": WebhookView(removed)])) }
            global.console.note("Removed webhook \(removed.name).")
        }
    }
}

extension Webhook.State {
    fileprivate var plain: String {
        switch self {
        case .active: "active"
        case .failing: "failing"
        case .dead: "dead"
        }
    }

    fileprivate func described(_ now: Date) -> String {
        switch self {
        case .active: "active"
        case .failing(let since): "failing for \(TimeText.duration(.seconds(now.timeIntervalSince(since))))"
        case .dead(let since): "dead for \(TimeText.duration(.seconds(now.timeIntervalSince(since))))"
        }
    }
}
