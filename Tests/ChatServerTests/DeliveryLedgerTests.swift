import Domain
import Foundation
import Testing

@testable import ChatServer

@Suite("The delivery ledger")
struct DeliveryLedgerTests {
    private let ledger = DeliveryLedger()
    private let room = RoomID.new(at: Date())

    @Test("a room that nobody began has no position, and deliveries do not begin it")
    func unknownRoom() {
        ledger.delivered(room, upTo: 5)
        #expect(ledger[room] == nil)
    }

    @Test("a second socket in a room does not move its position")
    func beginTwice() {
        ledger.begin(room, at: 7)
        ledger.begin(room, at: 3)
        #expect(ledger[room] == 7)
    }

    @Test("late deliveries never move a position back")
    func lateDelivery() {
        ledger.begin(room, at: 1)
        ledger.delivered(room, upTo: 9)
        ledger.delivered(room, upTo: 4)
        #expect(ledger[room] == 9)
    }

    @Test("a room that nobody hears is forgotten, others stay")
    func keepOnly() {
        let other = RoomID.new(at: Date())
        ledger.begin(room, at: 1)
        ledger.begin(other, at: 2)
        ledger.keepOnly([other])
        #expect(ledger[room] == nil)
        #expect(ledger[other] == 2)
    }
}
