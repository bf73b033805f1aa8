import Domain
import Foundation
import Storage

/// What clients ask for all the time, on what `seed` made.
struct ReadBenchmark {
    let chat: Chat
    let database: Database
    let seconds: Double

    func run() async throws {
        let people = try await database.users.list()
        guard let user = people.first(where: { $0.name == "seed-1" }) else { return print("seed first") }
        let me = Identity(user: user, session: .new(at: Date()))
        let rooms = try await chat.rooms(by: .person(me)).filter(\.joined)
        print("\(rooms.count) rooms of one person")
        let room = rooms[0].id
        let have = Dictionary(uniqueKeysWithValues: rooms.map { ($0.id, $0.room.lastSeq) })
        try await measure("list of rooms with unread counts") { _ = try await chat.rooms(by: .person(me)) }
        try await measure("latest page of 50") { _ = try await chat.messages(in: room, by: me) }
        try await measure("page of 50 around the middle") {
            _ = try await chat.messages(in: room, page: .around(500), by: me)
        }
        try await measure("room:sync, 100 behind") { _ = try await chat.changes(in: room, since: 901, by: me) }
        try await measure("session:sync, nothing new") { _ = try await chat.sync(have: have, by: me) }
        try await measure("search for a rare word") { _ = try await chat.search("word4999", by: me) }
        try await measure("search for a common word") { _ = try await chat.search("message", by: me) }
        try await measure("search in one room") { _ = try await chat.search("topic5", in: room, by: me) }
        try await measure("search by a person in a room") { _ = try await chat.search("from:seed-1 in:seed-1", by: me) }
    }

    private func measure(_ name: String, _ body: () async throws -> Void) async throws {
        let start = ContinuousClock.now
        var latencies: [Duration] = []
        while start.duration(to: .now) < .seconds(seconds) {
            let before = ContinuousClock.now
            try await body()
            latencies.append(before.duration(to: .now))
        }
        print("\(name): \(Measurement(latencies, during: start.duration(to: .now)))")
    }
}
