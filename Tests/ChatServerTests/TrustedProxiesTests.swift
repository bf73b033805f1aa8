import Domain
import NIOCore
import NIOHTTP1
import Testing

@testable import ChatServer

@Suite("Where requests come from")
struct TrustedProxiesTests {
    private let proxies: TrustedProxies

    init() throws {
        let ranges = try ["10.0.0.0/8", "::1"].map { try #require(AddressRange($0)) }
        proxies = TrustedProxies(ranges: ranges)
    }

    private func origin(_ peer: String, _ headers: HTTPHeaders) throws -> RequestOrigin {
        proxies.origin(peer: try SocketAddress(ipAddress: peer, port: 1), headers: headers)
    }

    @Test("from a stranger the headers mean nothing")
    func stranger() throws {
        let headers: HTTPHeaders = ["X-Forwarded-For": "192.0.2.1", "X-Forwarded-Proto": "https"]
        #expect(try origin("198.51.100.1", headers) == RequestOrigin(address: "198.51.100.1", isSecure: false))
    }

    @Test("a proxy tells who the client is and that it came over TLS")
    func proxy() throws {
        let headers: HTTPHeaders = ["X-Forwarded-For": "192.0.2.1", "X-Forwarded-Proto": "https"]
        #expect(try origin("10.0.0.1", headers) == RequestOrigin(address: "192.0.2.1", isSecure: true))
        #expect(try origin("::1", [:]) == RequestOrigin(address: "::1", isSecure: false))
    }

    @Test("what a client wrote before its proxies did is its own invention")
    func invented() throws {
        let headers: HTTPHeaders = ["X-Forwarded-For": "203.0.113.9, 192.0.2.1", "x-forwarded-for": "10.0.0.2"]
        #expect(try origin("10.0.0.1", headers).address == "192.0.2.1")
    }

    @Test("a header that is no address is not believed, and nothing before it is")
    func broken() throws {
        #expect(try origin("10.0.0.1", ["X-Forwarded-For": "192.0.2.1, unknown"]).address == "10.0.0.1")
    }

    @Test("a connection without an address has none")
    func noAddress() {
        #expect(proxies.origin(peer: nil, headers: ["X-Forwarded-For": "192.0.2.1"]) == RequestOrigin())
    }
}
