import ArgumentParser
import Domain
import EngineIO
import Fleet
import Foundation
import Redis
import SocketIOClient
import Storage

struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Check the installation, and say what to do. Exit code 1 when a check fails.",
        discussion: """
            --fix does what is safe and concerns this machine: a configuration file that others can read, missing folders, \
            instances in the lists that do not answer, and, after asking, missing migrations.
            """
    )

    @Flag(help: "Put right what can be put right safely, and say what was done.")
    var fix = false

    @Option(
        name: .customLong("url"),
        help: ArgumentHelp("The address that browsers use, to check the proxy in front.", valueName: "http://host:port")
    )
    var url: String?

    @OptionGroup var trust: TrustOptions
    @OptionGroup var global: GlobalOptions

    func run() async throws {
        // One after the other: what is put right first can be what keeps the next check from passing.
        var findings = await treated(configuration())
        findings += await treated(machine())
        do {
            let servers = try await Servers.locate(global)
            findings += await treated(postgres(servers))
            findings += await webhooks(servers)
            findings += await redis(servers)
            findings += await treated(fleet())
        } catch {
            let failure = Failure(describing: error)
            findings.append(.fail("config", failure.message, advice: failure.hint ?? "correct the settings"))
        }
        findings += await proxy()
        write(findings)
        let failed = findings.filter { $0.verdict == .fail }.count
        if failed > 0 { throw Failure(.failed, failed == 1 ? "1 check failed" : "\(failed) checks failed") }
    }

    private func write(_ findings: [Finding]) {
        let console = global.console
        if console.isJSON { return console.data(Listing.json(findings)) }
        let width = findings.map(\.verdict.rawValue.count).max() ?? 0
        for finding in findings {
            let word = finding.verdict.rawValue.uppercased()
            let space = String(repeating: " ", count: width - word.count + 2)
            let name = finding.check + String(repeating: " ", count: max(1, 10 - finding.check.count))
            console.data("\(console.verdict(word))\(space)\(name)\(SafeText.escaped(finding.detail))")
            if let advice = finding.advice { console.data("\(String(repeating: " ", count: width + 12))\(advice)") }
        }
        let warnings = findings.filter { $0.verdict == .warn }.count
        if warnings > 0 { console.note(warnings == 1 ? "1 warning" : "\(warnings) warnings") }
        if fix { console.note(Self.summary(findings)) }
    }

    private static func summary(_ findings: [Finding]) -> String {
        let fixed = findings.filter { $0.verdict == .fixed }.count
        let left = findings.filter { $0.verdict == .warn || $0.verdict == .fail }.count
        switch (fixed, left) {
        case (0, 0): return "There was nothing to fix."
        case (0, _):
            return "Nothing was fixed: \(left == 1 ? "the one left is" : "the \(left) left are") for you to do."
        case (_, 0): return "Fixed \(fixed)."
        default: return "Fixed \(fixed); \(left == 1 ? "the one left is" : "the \(left) left are") for you to do."
        }
    }

    /// With `--fix` what can be put right is, and told as that.
    private func treated(_ findings: [Finding]) async -> [Finding] {
        guard fix else { return findings }
        var treated: [Finding] = []
        for finding in findings {
            guard let repair = finding.repair else {
                treated.append(finding)
                continue
            }
            do { treated.append(finding.fixed(try await repair.make(global))) } catch {
                let failure = Failure(describing: error)
                let detail = "\(finding.detail); not fixed: \(failure.message)"
                treated.append(
                    Finding(verdict: finding.verdict, check: finding.check, detail: detail, advice: finding.advice)
                )
            }
        }
        return treated
    }

    // MARK: This machine

    private func configuration() -> [Finding] {
        let path = global.config ?? Settings.defaultFile
        var information = stat()
        guard stat(path, &information) == 0 else { return [.pass("config", "no \(path): everything has its default")] }
        let mode = String(information.st_mode & 0o777, radix: 8)
        guard information.st_mode & S_IROTH == 0 else {
            return [
                .warn(
                    "config",
                    "\(path), mode \(mode), can be read by everybody",
                    advice: "chmod 600 \(path)",
                    // Whose file it is, that user may be the one that the instances run as, and needs to read it.
                    repair: information.st_uid == geteuid() ? .restrict(path) : nil
                )
            ]
        }
        return [.pass("config", "\(path), mode \(mode)")]
    }

    private func machine() -> [Finding] {
        var findings: [Finding] = []
        let wanted: UInt = 4_096
        // Instances raise their own limit to this.
        let limit = OpenFiles.limitMax
        findings.append(
            limit >= wanted
                ? .pass("files", "\(limit) open files allowed")
                : .warn(
                    "files",
                    "only \(limit) open files allowed: each client is one",
                    advice: "raise the hard limit: LimitNOFILE=65536 in the systemd unit, or limits.conf(5)"
                )
        )
        let data = global.dataDirectory.path
        let folder = Files.isFolder(data) ? data : FileManager.default.currentDirectoryPath
        if let attributes = try? FileManager.default.attributesOfFileSystem(forPath: folder),
            let free = (attributes[.systemFreeSize] as? NSNumber)?.intValue
        {
            let least = 1 << 30
            let detail = "\(TimeText.bytes(free)) free where \(folder) is"
            findings.append(
                free >= least
                    ? .pass("disk", detail)
                    : .fail("disk", detail, advice: "make room: PostgreSQL stops when the disk is full")
            )
        }
        return findings + folders()
    }

    private func folders() -> [Finding] {
        let data = global.dataDirectory
        // Without one nothing was started here yet, unless it was named.
        guard Files.isFolder(data.path) || global.data != nil, !Files.isFolder(data.logs) else { return [] }
        return [
            .warn(
                "folders",
                "there is no \(data.logs): what instances log is lost",
                advice: "mkdir -p \(data.logs)",
                repair: .makeFolders
            )
        ]
    }

    // MARK: Servers

    private func postgres(_ servers: Servers) async -> [Finding] {
        do {
            let url = servers.databaseURL ?? ""
            let (facts, took, skew) = try await servers.withDatabase { database in
                let took = try await database.check() / .milliseconds(1)
                let before = Date()
                let facts = try await database.serverFacts()
                let middle = before.addingTimeInterval(Date().timeIntervalSince(before) / 2)
                return (facts, took, facts.now.timeIntervalSince(middle) * 1_000)
            }
            var findings: [Finding] = [.pass("postgres", "\(facts.version), \(TimeText.milliseconds(took))")]
            let pending = try await Migrations.pending(of: url)
            findings.append(
                pending.isEmpty
                    ? .pass("schema", "current")
                    : .fail(
                        "schema",
                        "lacks \(Migrations.summary(pending))",
                        advice: "\(Programs.asTyped) db migrate",
                        repair: .migrate(databaseURL: url, missing: pending)
                    )
            )
            if !facts.isDurable {
                findings.append(
                    .fail(
                        "postgres",
                        "fsync or full_page_writes is off: acknowledged messages can be lost",
                        advice: "set fsync = on and full_page_writes = on in postgresql.conf"
                    )
                )
            }
            let skewMax = 1_000.0
            findings.append(
                abs(skew) <= skewMax
                    ? .pass("clock", "differs from PostgreSQL's by \(TimeText.milliseconds(abs(skew)))")
                    : .warn(
                        "clock",
                        "differs from PostgreSQL's by \(TimeText.milliseconds(abs(skew)))",
                        advice: "run NTP on both machines"
                    )
            )
            let used = Double(facts.connections) / Double(max(1, facts.connectionsMax))
            let connections = "\(facts.connections) of \(facts.connectionsMax) connections in use"
            findings.append(
                used < 0.8
                    ? .pass("postgres", connections)
                    : .warn("postgres", connections, advice: "raise max_connections, or run fewer instances")
            )
            return findings
        } catch {
            let failure = Failure(describing: error)
            return [.fail("postgres", failure.message, advice: failure.hint ?? "start PostgreSQL")]
        }
    }

    /// Nothing where there are none, and where PostgreSQL was found wanting already.
    private func webhooks(_ servers: Servers) async -> [Finding] {
        let found = (try? await servers.withChat { try await $0.webhooks(by: Servers.actor) }) ?? []
        guard !found.isEmpty else { return [] }
        func names(_ isMeant: (Webhook.State) -> Bool) -> [String] { found.filter { isMeant($0.state) }.map(\.name) }
        let dead = names { if case .dead = $0 { true } else { false } }
        let failing = names { if case .failing = $0 { true } else { false } }
        guard dead.isEmpty else {
            return [
                .warn(
                    "webhooks",
                    "given up: \(dead.joined(separator: ", "))",
                    advice: "when the receiver is well again: \(Programs.asTyped) webhook test \(dead[0])"
                )
            ]
        }
        return [
            failing.isEmpty
                ? .pass("webhooks", found.count == 1 ? "the one there is works" : "all \(found.count) work")
                : .warn(
                    "webhooks",
                    "failing, and tried again: \(failing.joined(separator: ", "))",
                    advice: "see why: \(Programs.asTyped) webhook ls"
                )
        ]
    }

    private func redis(_ servers: Servers) async -> [Finding] {
        guard servers.redisURL != nil else {
            return [
                .warn(
                    "redis",
                    "none: with several instances, messages of the others come by the sweep, up to two seconds late",
                    advice: "set REDIS_URL, or start the chat with: \(Programs.asTyped) up"
                )
            ]
        }
        do {
            return try await servers.withRedis(patience: global.timeout.duration) { redis in
                let took = try await redis.latency() / .milliseconds(1)
                let info = try await redis.command("INFO").string ?? ""
                func value(_ key: String) -> String? {
                    info.split(whereSeparator: \.isNewline).first { $0.hasPrefix(key + ":") }.map {
                        String($0.dropFirst(key.count + 1))
                    }
                }
                let version = value("redis_version") ?? "unknown version"
                var findings: [Finding] = [.pass("redis", "\(version), \(TimeText.milliseconds(took))")]
                let policy = value("maxmemory_policy") ?? "noeviction"
                if policy != "noeviction" {
                    findings.append(
                        .warn(
                            "redis",
                            "maxmemory-policy \(policy) can throw away the registry of instances",
                            advice: "CONFIG SET maxmemory-policy noeviction"
                        )
                    )
                }
                return findings
            }
        } catch {
            let failure = Failure(describing: error)
            return [.fail("redis", failure.message, advice: failure.hint ?? "start Redis")]
        }
    }

    private func fleet() async -> [Finding] {
        do {
            let rows = try await FleetClient.with(global.silenced) { try await InstanceRow.all($0) }
            guard !rows.isEmpty else {
                return [.warn("instances", "none runs", advice: "\(Programs.asTyped) up")]
            }
            let silent = rows.filter(\.isSilent).map(\.record.id)
            var findings: [Finding] = [
                silent.isEmpty
                    ? .pass("instances", "\(rows.count) answer")
                    : .fail(
                        "instances",
                        "no answer from \(silent.joined(separator: ", "))",
                        advice: "look at their logs; take dead ones out: \(Programs.asTyped) instances rm-stale",
                        repair: .forget(silent)
                    )
            ]
            let versions = Set(rows.map(\.record.version)).sorted()
            if versions.count > 1 {
                findings.append(
                    .warn(
                        "instances",
                        "versions \(versions.joined(separator: " and ")) run together",
                        advice: "finish the update: \(Programs.asTyped) restart --rolling"
                    )
                )
            }
            let adapters = Set(rows.map(\.record.adapter))
            if rows.count > 1, adapters.contains("none") {
                findings.append(
                    .warn(
                        "adapter",
                        "off: live messages stay on the instance where they were sent",
                        advice: "start with --adapter redis, and without USE_REDIS_ADAPTER=false"
                    )
                )
            } else if rows.count > 1 {
                findings.append(.pass("adapter", "redis on all \(rows.count) instances"))
            }
            return findings
        } catch {
            return [.fail("instances", Failure(describing: error).message, advice: "\(Programs.asTyped) up")]
        }
    }

    // MARK: The way of the browsers

    /// A proxy that drops the Upgrade header leaves clients on long-polling, and nothing else tells of it.
    private func proxy() async -> [Finding] {
        let local = SupervisorState.read(global.dataDirectory)?.url
        guard let text = url ?? local else { return [] }
        guard let address = SocketIOAddress(text) else {
            return [.warn("proxy", "\(text) is not checked", advice: "give an address like http://host:port")]
        }
        do {
            // Refused for want of credentials is as good: then the WebSocket was there.
            let client = try await SocketIOClient.connect(
                to: address,
                trust: try trust.trust(for: [address]),
                timeout: global.timeout.duration
            )
            client.close()
            return [.pass("proxy", "\(text) gives WebSockets")]
        } catch SocketIOClientError.connectError {
            return [.pass("proxy", "\(text) gives WebSockets")]
        } catch SocketIOClientError.refused(let status) {
            return [
                .warn(
                    "proxy",
                    "\(text) answers \(status) instead of a WebSocket; clients stay on long-polling",
                    advice:
                        "nginx: proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; "
                        + "proxy_set_header Connection $connection_upgrade;"
                )
            ]
        } catch SocketIOClientError.untrusted(let detail) {
            return [
                .fail(
                    "proxy",
                    "\(text) shows a certificate that browsers do not believe: \(detail)",
                    advice: "renew it; for an authority of your own: --ca-file FILE"
                )
            ]
        } catch {
            let failure = error as? Failure
            return [
                .fail(
                    "proxy",
                    "\(text): \(failure?.message ?? "\(error)")",
                    advice: "is the address right, and does the chat run?"
                )
            ]
        }
    }
}
