import Domain
import TestSupport
import Testing

@testable import ChatServer

@Suite("Reading positions on their way to the database")
struct ReadMarkersTests {
    private struct Scene {
        let chat: Chat
        let alice: Identity
        let room: RoomID
        let clock = SteppedClock()
        let markers: ReadMarkers

        /// A room that alice is in, with nine messages of somebody else.
        init(_ throwaway: ThrowawayDatabase) async throws {
            chat = throwaway.chat()
            alice = try await chat.bot("alice")
            // Whoever writes has read what they wrote.
            let bob = try await chat.bot("bob")
            room = try await chat.createRoom(name: "dev", by: .person(bob)).summary.id
            _ = try await chat.join(room, by: alice)
            for number in 0..<9 {
                _ = try await chat.send(try Draft(room: room, clientID: "\(number)", body: "x"), by: bob)
            }
            markers = ReadMarkers(chat: chat, clock: clock, logger: ThrowawayDatabase.silence)
        }

        /// What the next start would find.
        var stored: Int64 { get async throws { try await chat.room(room, by: alice).readSeq } }

        func set(_ seq: Int64) async throws -> Int64 { try await markers.set(room, upTo: seq, by: alice).readSeq }
    }

    @Test("the first position is written at once, those of the same second in one write after it")
    func coalescing() async throws {
        try await ThrowawayDatabase.with { throwaway in
            let scene = try await Scene(throwaway)
            let before = try await scene.stored
            let running = Task { await scene.markers.run() }
            let first = before + 1
            #expect(try await scene.set(first) == first)
            #expect(try await scene.stored == first)
            // An earlier position that comes late is no step back.
            for seq in [first + 1, first + 3, first + 2] { #expect(try await scene.set(seq) >= seq) }
            #expect(try await scene.stored == first)
            try await scene.clock.advance(by: ReadMarkers.interval)
            try await eventually("the latest is written") { try await scene.stored == first + 3 }
            running.cancel()
            await running.value
        }
    }

    @Test("what waits is written when the person leaves the room, and when the instance stops")
    func settling() async throws {
        try await ThrowawayDatabase.with { throwaway in
            let scene = try await Scene(throwaway)
            let running = Task { await scene.markers.run() }
            let first = try await scene.stored + 1
            _ = try await scene.set(first)
            _ = try await scene.set(first + 1)
            await scene.markers.settle(scene.room, of: scene.alice.user.id)
            #expect(try await scene.stored == first + 1)

            _ = try await scene.set(first + 2)
            _ = try await scene.set(first + 3)
            #expect(try await scene.stored == first + 2)
            running.cancel()
            await running.value
            #expect(try await scene.stored == first + 3)
        }
    }
}
