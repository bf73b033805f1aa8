import Domain
import NIOHTTP1
import Testing

@testable import ChatServer

@Suite("Requests")
struct RequestTests {
    @Test("a page is the latest, or lies before, after or around one place")
    func pages() throws {
        #expect(try Page(before: nil, after: nil, around: nil) == .latest)
        #expect(try Page(before: 5, after: nil, around: nil) == .before(5))
        #expect(try Page(before: nil, after: 5, around: nil) == .after(5))
        #expect(try Page(before: nil, after: nil, around: 5) == .around(5))
        #expect(throws: ChatError.self) { try Page(before: 5, after: 6, around: nil) }
    }

    @Test("only the exact secret makes a request one of the fleet")
    func fleetSecret() {
        let secret = String(repeating: "s", count: 32)
        #expect(FleetSecret.matches([FleetSecret.header: secret], secret))
        #expect(!FleetSecret.matches([FleetSecret.header: secret + "s"], secret))
        #expect(!FleetSecret.matches([FleetSecret.header: String(repeating: "t", count: 32)], secret))
        #expect(!FleetSecret.matches([:], secret))
    }
}
