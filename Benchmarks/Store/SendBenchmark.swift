import Domain
import Foundation
import Storage
import Synchronization

/// Durable sends into one room and into a hundred, with one, 16 and 256 senders in flight.
struct SendBenchmark {
    let chat: Chat
    let database: Database
    let url: String
    let seconds: Double

    func run() async throws {
        let suffix = String(UInt32.random(in: 0 ... .max), radix: 36)
        let people = try await chat.people(256, named: "s\(suffix)")
        var rooms: [RoomID] = []
        for number in 0..<100 {
            let members = number == 0 ? people : Array(people.prefix(3)) + [people[number % 256]]
            let receipt = try await chat.createRoom(
                name: "b\(suffix)-\(number)",
                kind: .private,
                members: [],
                by: .person(members[0])
            )
            let ids = Set(members.dropFirst().map(\.user.id))
            for part in Array(ids).chunks(of: 100) {
                _ = try await chat.invite(part, to: receipt.summary.id, by: .person(members[0]))
            }
            rooms.append(receipt.summary.id)
        }
        let single = try SingleTransactions(url: url)
        let bare = single.bareCommits(seconds: seconds)
        let aside = try await chat.createRoom(name: "b\(suffix)-aside", kind: .private, by: .person(people[0]))
        let row = single.rows(in: aside.summary.id, by: people[0].user.id, seconds: seconds)
        let plain = try single.sends(to: rooms[0], by: people[0].user.id, seconds: seconds)
        print("bare commit                 \(bare)")
        print("one row a transaction       \(row)")
        print("one message a transaction   \(plain)")
        for (name, rooms) in [("1 room", [rooms[0]]), ("100 rooms", rooms)] {
            for senders in [1, 16, 256] {
                let result = try await measure(senders: senders, rooms: rooms, people: people)
                let ratio = result.perSecond / plain.perSecond
                print("\(name), \(senders) in flight: \(result), \(String(format: "%.1f", ratio)) x one by one")
            }
        }
    }

    private func measure(senders: Int, rooms: [RoomID], people: [Identity]) async throws -> Measurement {
        let end = ContinuousClock.now + .seconds(seconds)
        let start = ContinuousClock.now
        let all = try await withThrowingTaskGroup(of: [Duration].self) { group in
            for sender in 0..<senders {
                group.addTask {
                    var latencies: [Duration] = []
                    var number = 0
                    while ContinuousClock.now < end {
                        let index = (sender &* 31 &+ number) % rooms.count
                        // Who is in which room: everybody in the first, three in all.
                        let author = rooms.count == 1 ? people[sender] : people[sender % 3]
                        let draft = try Draft(
                            room: rooms[index],
                            clientID: UUID().uuidString,
                            body: "The quick brown fox jumps over the lazy dog, number \(number)."
                        )
                        let before = ContinuousClock.now
                        _ = try await chat.send(draft, by: author)
                        latencies.append(before.duration(to: .now))
                        number += 1
                    }
                    return latencies
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        return Measurement(all, during: start.duration(to: .now))
    }
}

/// Rate and latencies.
struct Measurement: CustomStringConvertible {
    let perSecond: Double
    private let sorted: [Duration]

    init(_ latencies: [Duration], during time: Duration) {
        sorted = latencies.sorted()
        perSecond = Double(latencies.count) / (time / .seconds(1))
    }

    var description: String {
        guard !sorted.isEmpty else { return "nothing" }
        func milliseconds(_ part: Double) -> String {
            String(format: "%.2f", sorted[min(sorted.count - 1, Int(Double(sorted.count) * part))] / .milliseconds(1))
        }
        return "\(Int(perSecond))/s, p50 \(milliseconds(0.5)) ms, p99 \(milliseconds(0.99)) ms"
    }
}

extension Array {
    func chunks(of size: Int) -> [[Element]] {
        stride(from: 0, to: count, by: size).map { Array(self[$0..<Swift.min($0 + size, count)]) }
    }
}
