import Foundation
import Testing

@testable import Domain

@Suite("Where webhooks may go")
struct WebhookURLTests {
    @Test(
        "a URL is taken apart in one way only",
        arguments: [
            ("https://hooks.example/in?a=b", "hooks.example", 443, false),
            ("HTTPS://Hooks.Example:8443", "hooks.example", 8443, false),
            ("http://127.0.0.1:8080/", "127.0.0.1", 8080, true),
            ("https://[2001:DB8::1]:443/x", "2001:db8::1", 443, false),
            ("https://xn--bcher-kva.example/p@th", "xn--bcher-kva.example", 443, false),
        ]
    )
    func taken(text: String, host: String, port: Int, isPlain: Bool) throws {
        let url = try WebhookURL(text)
        #expect((url.host, url.port, url.isPlain) == (host, port, isPlain))
        #expect(URL(string: url.description)?.host()?.contains(host) == true)
    }

    @Test(
        "what names a user, another port, or could be read in two ways is refused",
        arguments: [
            "", "hooks.example", "ftp://hooks.example", "https://", "https:///path", "https://a:b@hooks.example",
            "https://a@hooks.example", "https://hooks.example#part", "https://hooks.example:22",
            "https://hooks.example:", "https://hooks.example:0", "https://hooks.example:70000",
            "https://hooks.example:+443",
            "https://hooks.example\\@10.0.0.1/", "https://hooks.example /", "https://h%6Foks.example",
            "https://bücher.example", "https://[::1", "https://[::1%eth0]/", "https://[1.2.3.4]/",
            "https://a..b/\u{7F}",
            "https://hooks.example/" + String(repeating: "a", count: 2_000),
        ]
    )
    func refused(text: String) {
        #expect {
            try WebhookURL(text)
        } throws: {
            ($0 as? ChatError)?.field == "url"
        }
    }
}

@Suite("Addresses of the public internet")
struct GlobalAddressTests {
    @Test(
        "these are",
        arguments: [
            "1.1.1.1", "100.63.255.255", "100.128.0.1", "172.15.0.1", "172.32.0.1", "192.167.1.1", "223.255.255.255",
            "2606:4700::1111", "2a00::1", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2002:808:808::1",
        ]
    )
    func global(text: String) throws {
        #expect(try #require(IPAddress(text)).isGlobal)
    }

    @Test(
        "these are not, however they are written",
        arguments: [
            "0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.255.0.1",
            "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.8", "192.0.2.1", "192.88.99.1", "192.168.0.1",
            "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255",
            "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "::ffff:10.0.0.1",
            "64:ff9b::7f00:1", "64:ff9b::10.0.0.1", "64:ff9b:1::1", "2002:7f00:1::1", "2002:a9fe:a9fe::1",
            "2001::1", "2001:db8::1", "3fff::1", "100::1", "fc00::1", "fd00:ec2::254", "fe80::1", "fec0::1", "ff02::1",
            "5f00::1",
        ]
    )
    func special(text: String) throws {
        #expect(try !#require(IPAddress(text)).isGlobal)
    }

    @Test("what the owner of the machine lists may be private and plain, and nothing else may")
    func listed() throws {
        let networks = WebhookNetworks(hosts: ["hooks.internal"], ranges: [AddressRange("10.0.0.0/8")!])
        func allows(_ address: String, _ url: String) throws -> Bool {
            networks.allow(IPAddress(address)!, for: try WebhookURL(url))
        }
        #expect(try allows("10.1.2.3", "http://a.example"))
        #expect(try allows("192.168.0.1", "http://hooks.internal"))
        #expect(try allows("1.1.1.1", "https://a.example"))
        #expect(try !allows("192.168.0.1", "https://a.example"))
        #expect(try !allows("1.1.1.1", "http://a.example"))
        #expect(throws: ChatError.self) { try WebhookNetworks.publicOnly.check(WebhookURL("http://a.example")) }
        #expect(throws: ChatError.self) { try WebhookNetworks.publicOnly.check(WebhookURL("https://127.0.0.1")) }
        try networks.check(WebhookURL("http://a.example"))
        try networks.check(WebhookURL("http://10.0.0.1"))
    }
}

@Suite("When webhooks are tried again")
struct WebhookRetriesTests {
    private static let start = Date(timeIntervalSince1970: 1_800_000_000)

    private func wait(_ failures: Int64, jitter: Double = 1, status: Int64 = 500, retryAfter: Duration? = nil)
        -> Double?
    {
        let answer = WebhookAnswer(status: status, failure: "HTTP \(status)", retryAfter: retryAfter, took: .zero)
        let verdict = WebhookRetries.verdict(
            on: answer,
            failures: failures,
            since: Self.start,
            at: Self.start,
            jitter: jitter
        )
        if case .again(let date) = verdict { return date.timeIntervalSince(Self.start) }
        return nil
    }

    @Test("the wait doubles up to ten minutes, and chance takes up to half of it")
    func backOff() {
        #expect((1...11).map { wait($0) } == [2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600])
        #expect(wait(1, jitter: 0) == 1 && wait(1_000_000, jitter: 0) == 300)
    }

    @Test("a receiver may ask for a longer wait, up to an hour, and for no shorter one")
    func retryAfter() {
        #expect(wait(1, status: 503, retryAfter: .seconds(90)) == 90)
        #expect(wait(1, retryAfter: .seconds(86_400)) == 3_600)
        #expect(wait(10, retryAfter: .seconds(1)) == 600)
    }

    @Test("dead after a day of many failures, or at once when the receiver says that it is gone")
    func dead() {
        #expect(wait(1, status: 410) == nil)
        func verdict(_ failures: Int64, after seconds: TimeInterval) -> WebhookRetries.Verdict {
            WebhookRetries.verdict(
                on: WebhookAnswer(status: nil, failure: "no connection", took: .zero),
                failures: failures,
                since: Self.start,
                at: Self.start.addingTimeInterval(seconds)
            )
        }
        #expect(verdict(150, after: 86_400) == .dead)
        #expect(verdict(150, after: 86_399) != .dead)
        #expect(verdict(2, after: 10 * 86_400) != .dead, "the chat was off for days, not the receiver")
    }
}
