import Foundation
import Testing

@testable import ChatCtl

@Suite struct TimeTextTests {
    @Test(
        "durations have two units at most",
        arguments: [
            (Duration.zero, "0 s"), (.milliseconds(449), "0.4 s"), (.milliseconds(9_960), "10 s"),
            (.seconds(12), "12 s"),
            (.seconds(59), "59 s"), (.seconds(60), "1m 0s"), (.seconds(124), "2m 4s"),
            (.seconds(3 * 3600 + 720), "3h 12m"),
            (.seconds(86400 * 5 + 3600), "5d 1h"), (.seconds(-4), "0 s"),
        ]
    )
    func durations(duration: Duration, expected: String) {
        #expect(TimeText.duration(duration) == expected)
    }

    @Test("steps of a start have hundredths")
    func steps() {
        #expect(TimeText.step(.milliseconds(305)) == "0.31 s" || TimeText.step(.milliseconds(305)) == "0.30 s")
        #expect(TimeText.step(.milliseconds(1_040)) == "1.04 s")
    }

    @Test("a lag has a decimal while it is small")
    func lag() {
        #expect(
            [0, 0.14, 9.94, 12.4, .nan].map(TimeText.milliseconds) == ["0.0 ms", "0.1 ms", "9.9 ms", "12 ms", "-"]
        )
    }

    @Test(
        "sizes are rounded",
        arguments: [(0, "0 B"), (1023, "1023 B"), (43_000_000, "41 MB"), (1_288_490_189, "1.2 GB")]
    )
    func sizes(bytes: Int, expected: String) {
        #expect(TimeText.bytes(bytes) == expected)
    }

    @Test("times are RFC 3339 in UTC with milliseconds")
    func times() {
        #expect(TimeText.rfc3339(Date(timeIntervalSince1970: 1.25)) == "1970-01-01T00:00:01.250Z")
        #expect(TimeText.ago(Date(timeIntervalSince1970: 0), now: Date(timeIntervalSince1970: 124)) == "2m 4s ago")
        #expect(TimeText.ago(Date(timeIntervalSince1970: 1), now: Date(timeIntervalSince1970: 0)) == "just now")
    }

    @Test("what is still to come is told by how far it is away")
    func until() {
        let now = Date(timeIntervalSince1970: 1_800_000_000)
        #expect(TimeText.until(now.addingTimeInterval(3_599.5), now: now) == "in 1h 0m")
        #expect(TimeText.until(now.addingTimeInterval(-1), now: now) == "over")
    }
}
