import EngineIO
import Foundation
import Hummingbird
import NIOPosix
import SocketIO
import TestSupport
import Testing

@testable import ChatServer

@Suite("The OpenAPI document")
struct OpenAPITests {
    private static let folder = URL(filePath: #filePath).appending(path: "../../../Public").standardized

    @Test("describes every route that is registered, and no other")
    func routes() async throws {
        try await ThrowawayDatabase.with { throwaway in
            let described = try Self.described()
            let registered = Self.registered(throwaway)
            #expect(registered.count > 50)
            #expect(described.subtracting(registered) == [], "described, but not registered")
            #expect(registered.subtracting(described) == [], "registered, but not described")
        }
    }

    /// As `GET /api/v1/rooms/{room}`.
    private static func described() throws -> Set<String> {
        struct Document: Decodable {
            var paths: [String: [String: Operation]]
            struct Operation: Decodable {}
        }
        let document = try Data(contentsOf: folder.appending(path: "api/openapi.json"))
        let paths = try JSONDecoder().decode(Document.self, from: document).paths
        return Set(paths.flatMap { path, operations in operations.keys.map { "\($0.uppercased()) \(path)" } })
    }

    /// Without the `HEAD` of each `GET`, which the document mentions once.
    private static func registered(_ throwaway: ThrowawayDatabase) -> Set<String> {
        let chat = throwaway.chat()
        let logger = ThrowawayDatabase.silence
        let namespace = SocketServer(mailboxes: LoopMailboxes(MultiThreadedEventLoopGroup.singleton)).of("/")
        let broadcasts = Broadcasts(
            namespace: namespace,
            sequencer: RoomSequencer(local: namespace.local),
            recheck: SessionRecheck(chat: chat, live: LiveSockets(perUserMax: 1), logger: logger),
            bell: WebhookBell(),
            logger: logger
        )
        let api = API(
            chat: chat,
            broadcasts: broadcasts,
            markers: ReadMarkers(chat: chat, logger: logger),
            presence: Presence(board: nil, broadcasts: broadcasts, local: namespace.local, logger: logger),
            publicFolder: folder.path(),
            logger: logger
        )
        let routes = api.router().routes.filter { $0.method != .head }
        return Set(routes.map { "\($0.method) /\($0.path)".replacing("//", with: "/") })
    }
}
