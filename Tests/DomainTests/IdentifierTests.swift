import Domain
import Foundation
import Testing

@Suite("Ids")
struct IdentifierTests {
    @Test("an id is a UUIDv7 of its moment, and later ones sort behind it")
    func version7() throws {
        let id = UserID.new(at: Date(timeIntervalSince1970: 1_645_557_742.123))
        let text = id.description
        #expect(text.hasPrefix("017f22e2-7a2b-7"))
        #expect(text.count == 36)
        #expect("89ab".contains(text.dropFirst(19).first!))
        #expect(id < UserID.new(at: Date(timeIntervalSince1970: 1_645_557_742.124)))
        #expect(Set((0..<1_000).map { _ in UserID.new(at: Date()) }).count == 1_000)
    }

    @Test("text and bytes come back the same, upper case is understood, other text is not")
    func text() throws {
        let text = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"
        let id = try #require(RoomID(text))
        #expect(id.description == text)
        #expect(RoomID(text.uppercased()) == id)
        #expect(RoomID(bytes: id.bytes) == id)
        #expect(id.bytes.first == 0x01)
        #expect(id.bytes.last == 0x8f)
        for bad in [
            "", "x", text + "0", String(text.dropLast()), text.replacingOccurrences(of: "-", with: "0"), "{\(text)}",
        ] {
            #expect(RoomID(bad) == nil)
        }
        #expect(RoomID(bytes: [1, 2]) == nil)
    }

    @Test("in JSON an id is a string, also as a key")
    func json() throws {
        let id = try #require(RoomID("017f22e2-79b0-7cc3-98c4-dc0c0c07398f"))
        let data = try JSONEncoder().encode([id: 812 as Int64])
        #expect(String(decoding: data, as: UTF8.self) == "{\"\(id)\":812}")
        #expect(try JSONDecoder().decode([RoomID: Int64].self, from: data) == [id: 812])
        #expect(throws: DecodingError.self) { try JSONDecoder().decode(RoomID.self, from: Data("\"x\"".utf8)) }
    }
}

@Suite("Sessions' ends")
struct SessionRuleTests {
    @Test("a session lives until it is revoked, idle for 30 days or 90 days old")
    func ends() {
        let start = Date(timeIntervalSince1970: 1_800_000_000)
        func session(used: TimeInterval, revoked: Date? = nil) -> Session {
            Session(
                id: .new(at: start),
                user: .new(at: start),
                kind: .login,
                createdAt: start,
                expiresAt: start + Session.lifetimeSeconds,
                lastUsedAt: start + used,
                revokedAt: revoked,
                client: ClientInfo()
            )
        }
        let day = 86_400.0
        #expect(session(used: 0).isLive(at: start + 30 * day - 1))
        #expect(!session(used: 0).isLive(at: start + 30 * day))
        #expect(session(used: 80 * day).isLive(at: start + 90 * day - 1))
        #expect(!session(used: 89 * day).isLive(at: start + 90 * day))
        #expect(!session(used: 0, revoked: start).isLive(at: start + 1))
        #expect(!session(used: 0).needsTouch(at: start + 3_599))
        #expect(session(used: 0).needsTouch(at: start + 3_600))
    }

    @Test("what a client says of itself is cut and cleaned")
    func clientInfo() {
        let client = ClientInfo(address: String(repeating: "1", count: 100), userAgent: "a\u{1B}[31m\nb")
        #expect(client.address?.count == 64)
        #expect(client.userAgent == "a[31mb")
    }
}
