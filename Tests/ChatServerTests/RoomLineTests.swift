import Domain
import Foundation
import NIOCore
import SocketIO
import Testing

@testable import ChatServer

@Suite("The line of a room's entries")
struct RoomLineTests {
    private let room = RoomID.new(at: Date())
    private let bob = UserID.new(at: Date())

    private func entry(_ seq: Int64) throws -> HeldEntry {
        let json = #"{"room":"\#(room)","changed_seq":\#(seq)}"#
        return HeldEntry(
            position: try JSONDecoder().decode(EntryPosition.self, from: Data(json.utf8)),
            event: Payload(json: ByteBuffer(string: "[]")),
            options: BroadcastOptions()
        )
    }

    @Test("an entry that comes too early waits for those before it")
    func order() throws {
        var line = RoomLine(at: 4)
        line.hold(try entry(6))
        line.hold(try entry(7))
        #expect(line.next() == nil)
        #expect(line.hasGap)
        line.hold(try entry(5))
        var passed: [Int64] = []
        while let next = line.next() {
            passed.append(next.position.changed_seq)
            line.advance(to: next.position.changed_seq)
        }
        #expect(passed == [5, 6, 7])
        #expect(!line.hasGap)
    }

    @Test("what was passed on is not passed on again, and a catch-up settles what waited")
    func settled() throws {
        var line = RoomLine(at: 4)
        line.hold(try entry(4))
        #expect(!line.hasGap)
        line.hold(try entry(6))
        line.hold(try entry(9))
        line.advance(to: 7)
        #expect(line.next() == nil)
        line.advance(to: 8)
        #expect(line.next()?.position.changed_seq == 9)
        line.advance(to: 2)
        #expect(line.position == 8)
    }

    @Test("a membership that was read before a removal lets nobody in")
    func removal() {
        var line = RoomLine(at: 4)
        line.advance(to: 6)
        line.removed(bob, at: 6)
        #expect(line.admission(of: bob, asOf: 5) == .removedSince)
        #expect(line.admission(of: bob, asOf: 6) == .admitted)
        line.readmitted(bob)
        #expect(line.admission(of: bob, asOf: 5) == .admitted)
        #expect(line.admission(of: bob, asOf: 3) == .unknown)
    }

    @Test("whoever is let in again hears nothing that was said before the entry that lets them in")
    func letInAgain() {
        var line = RoomLine(at: 4)
        line.advance(to: 6)
        line.removed(bob, at: 6)
        // Let in again by entry 9, of which the news came first.
        #expect(line.admission(of: bob, asOf: 8) == .comes)
        #expect(line.admission(of: .new(at: Date()), asOf: 8) == .admitted)
        line.advance(to: 8)
        #expect(line.admission(of: bob, asOf: 8) == .admitted)
    }

    @Test("removals that were forgotten make older memberships unknown")
    func forgotten() {
        var line = RoomLine(at: 0)
        for number in 1...(Int64(RoomSequencer.removalsMax) + 1) { line.removed(.new(at: Date()), at: number) }
        #expect(line.admission(of: bob, asOf: 0) == .unknown)
        #expect(line.admission(of: bob, asOf: 1) == .admitted)
    }
}
