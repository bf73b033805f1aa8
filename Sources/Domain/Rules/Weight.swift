// About how many bytes of JSON things become, for answers that are bounded. Rather too many than too few.

extension RoomChanges {
    var bytes: Int { messages.reduce(120) { $0 + $1.bytes } }

    /// The same if it weighs no more than `limit`; else a reset with as many of the latest messages as fit.
    func cut(to limit: Int) -> RoomChanges {
        guard bytes > limit else { return self }
        // Of changes, those of entries that the client does not have at all are the end of the room.
        let end = reset ? messages : messages.filter { $0.seq > from }.sorted { $0.seq < $1.seq }
        let latest = end.reversed().prefix(weighing: limit - 120, \.bytes).reversed()
        return RoomChanges(room: room, from: from, to: to, messages: Array(latest), reset: true)
    }
}

extension Message {
    var bytes: Int {
        400 + body.jsonBytes + (detail?.jsonBytes ?? 0) + (reply.map { 120 + $0.body.jsonBytes } ?? 0)
            + mentions.count * 39 + reactions.reduce(0) { $0 + 80 + $1.users.count * 39 }
            + attachments.reduce(0) { $0 + 150 + $1.name.description.jsonBytes }
    }
}

extension RoomSummary {
    var bytes: Int { 460 + (room.name?.utf8.count ?? 0) + room.topic.jsonBytes + people.count * 39 }
}

extension User {
    var bytes: Int { 170 + name.utf8.count + displayName.jsonBytes }
}

extension String {
    /// What the text takes within quotation marks.
    fileprivate var jsonBytes: Int {
        utf8.reduce(0) { sum, byte in
            switch byte {
            case 0..<0x20: sum + 6
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): sum + 2
            default: sum + 1
            }
        }
    }
}

extension Collection {
    /// As much from the front as weighs no more than `limit` together.
    func prefix(weighing limit: Int, _ weight: (Element) -> Int) -> [Element] {
        var left = limit
        return Array(
            prefix { element in
                left -= weight(element)
                return left >= 0
            }
        )
    }
}
