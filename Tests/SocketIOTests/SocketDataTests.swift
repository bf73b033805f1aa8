import Foundation
import NIOCore
import SocketIO
import TestSupport
import Testing

/// What an application attaches to a socket, and what other servers see of it.
@Suite(.timeLimit(.minutes(2))) struct SocketDataTests {
    private struct Profile: Codable, Sendable, Equatable {
        var level: Int
        var tags: [String]
    }

    /// The object that travels.
    private struct Shared: Decodable, Equatable {
        var profile: Profile
        var username: String

        private enum CodingKeys: String, CodingKey {
            case profile = "a \"profile\""
            case username
        }
    }

    private enum UserName: SharedSocketDataKey {
        typealias Value = String
        static let name = "username"
    }

    private enum ProfileKey: SharedSocketDataKey {
        typealias Value = Profile
        static let name = "a \"profile\""
    }

    private enum Number: SharedSocketDataKey {
        typealias Value = Int
        static let name = "username"
    }

    private enum Picture: SharedSocketDataKey {
        typealias Value = Binary
        static let name = "picture"
    }

    private enum Secret: SocketDataKey { typealias Value = String }

    @Test("shared values are in what fetchSockets returns, by name and typed; the others are not")
    func shares() async throws {
        try await SocketTestServer.with(setUp: { _ = $0.of("/") }) { server async throws in
            let client = try await server.connect()
            let socket = try #require(server.root.local.sockets.first)
            #expect(await server.root.fetchSockets().value.first?.data == ByteBuffer(string: "{}"))
            let profile = Profile(level: 7, tags: ["a", "ä"])
            socket[UserName.self] = "alice"
            socket[ProfileKey.self] = profile
            socket[Secret.self] = "password"
            // Bytes have no place in the object; they must not break it.
            socket[Picture.self] = Binary(ByteBuffer(string: "x"))
            let remote = try #require(await server.root.fetchSockets().value.first)
            let shared = try JSONDecoder().decode(Shared.self, from: Data(remote.data.readableBytesView))
            #expect(shared == Shared(profile: profile, username: "alice"))
            #expect(remote[UserName.self] == "alice")
            #expect(remote[ProfileKey.self] == profile)
            #expect(remote[Picture.self] == nil)
            // Another server may have another type under the name.
            #expect(remote[Number.self] == nil)
            socket[ProfileKey.self] = nil
            #expect(await server.root.fetchSockets().value.first?.data == ByteBuffer(string: #"{"username":"alice"}"#))
            client.engine.abandon()
        }
    }

    @Test(
        "what another server says of its socket is read as far as it fits",
        arguments: [
            ("null", nil), ("[]", nil), ("{}", nil), (#"{"username":null,"x":[{}]}"#, nil),
            (#"{"x":1,"username":"bob"}"#, "bob"),
        ]
            as [(String, String?)]
    )
    func reads(_ data: String, _ name: String?) {
        let remote = RemoteSocket(
            id: "x",
            handshake: ByteBuffer(string: "{}"),
            rooms: [],
            data: ByteBuffer(string: data)
        )
        #expect(remote[UserName.self] == name)
    }
}
