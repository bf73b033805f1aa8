/// What one client knows of one room, by the rule that every client of the chat keeps: apply what follows without a gap,
/// ask for what is missing, ignore what is known.
struct Reception: Sendable {
    /// What is to be done with an entry that arrived.
    enum Decision: Equatable, Sendable {
        case apply
        /// It was applied before.
        case ignore
        /// Something before it is missing.
        case sync
    }

    /// The number of the last applied change.
    private(set) var have: Int64
    /// The bodies that were applied, in order.
    private(set) var applied: [String] = []

    init(have: Int64) { self.have = have }

    mutating func take(changedSeq: Int64, body: String?) -> Decision {
        guard changedSeq > have else { return .ignore }
        guard changedSeq == have + 1 else { return .sync }
        have = changedSeq
        if let body { applied.append(body) }
        return .apply
    }

    /// Takes what `room:sync` answered: the rows after `have`, sorted by change.
    mutating func take(synced rows: [(changedSeq: Int64, body: String?)], upTo: Int64) {
        for row in rows where row.changedSeq > have {
            have = row.changedSeq
            if let body = row.body { applied.append(body) }
        }
        have = max(have, upTo)
    }
}

/// What was lost, repeated or out of order, seen from outside.
struct DeliveryVerdict: Encodable, Sendable, Equatable {
    var sent = 0
    var stored = 0
    var expected = 0
    var delivered = 0
    /// Acknowledged messages that are not stored, and stored ones that a client did not get.
    var lost = 0
    /// Messages that are stored, or that a client got, more than once.
    var duplicate = 0
    /// Messages that a client got in another order than that of the room.
    var outOfOrder = 0

    private enum CodingKeys: String, CodingKey {
        case sent, stored, expected, delivered, lost, duplicate
        case outOfOrder = "out_of_order"
    }

    var isGood: Bool { lost == 0 && duplicate == 0 && outOfOrder == 0 }

    /// Compares what one room has with what its people sent and got.
    ///
    /// - Parameters:
    ///   - acknowledged: The bodies whose storing was confirmed.
    ///   - stored: The bodies in the order of the room.
    ///   - received: For each client the bodies in the order in which it got them.
    mutating func judge(acknowledged: [String], stored rows: [String], received: [[String]]) {
        sent += acknowledged.count
        stored += rows.count
        duplicate += rows.count - Set(rows).count
        lost += Set(acknowledged).subtracting(rows).count
        let places = Dictionary(rows.enumerated().map { ($0.element, $0.offset) }) { first, _ in first }
        for bodies in received {
            expected += rows.count
            let distinct = Set(bodies)
            delivered += distinct.intersection(rows).count
            lost += Set(rows).subtracting(distinct).count
            duplicate += bodies.count - distinct.count
            var last = -1
            for body in bodies {
                guard let place = places[body] else { continue }
                if place < last { outOfOrder += 1 }
                last = max(last, place)
            }
        }
    }
}
