import Domain
import Foundation
import Testing

@testable import Storage

@Suite("Search")
struct SearchTests {
    @Test("words and phrases are found in the rooms of the person only, the newest first")
    func words() async throws {
        try await TestChat.with { test in
            let (alice, bob) = (try await test.person("alice"), try await test.person("bob"))
            let room = try await test.room("dev", alice, bob)
            let hidden = try await test.room("hidden", alice)
            try await test.say("The quick brown fox", in: room, by: alice)
            test.clock.advance(seconds: 1)
            try await test.say("a brown and quick fox", in: room, by: bob)
            test.clock.advance(seconds: 1)
            try await test.say("quick brown secret", in: hidden, by: alice)

            let seen = try await test.chat.search("QUICK brown", by: bob)
            #expect(seen.results.map(\.message.body) == ["a brown and quick fox", "The quick brown fox"])
            #expect(seen.results.map(\.roomName) == ["dev", "dev"])
            #expect(seen.next == nil)
            let phrase = try await test.chat.search("\"quick brown\"", by: alice)
            #expect(phrase.results.map(\.message.body) == ["quick brown secret", "The quick brown fox"])
            #expect(try await test.chat.search("quick", in: hidden, by: bob).results.isEmpty)
            #expect(try await test.chat.search("nothing", by: bob).results.isEmpty)
            for odd in ["'", "a & | b", "!", "(((", "\\", "%", "quick:*"] {
                _ = try await test.chat.search(odd, by: bob)
            }
        }
    }

    @Test("filters narrow the search, with words and without")
    func filters() async throws {
        try await TestChat.with { test in
            let (alice, bob) = (try await test.person("alice"), try await test.person("bob"))
            let dev = try await test.room("dev", alice, bob)
            let ops = try await test.room("ops", alice, bob)
            try await test.say("one word", in: dev, by: alice)
            test.clock.advance(seconds: 86_400)
            try await test.say("two word", in: ops, by: bob)
            func bodies(_ query: String) async throws -> [String] {
                try await test.chat.search(query, by: alice).results.map(\.message.body)
            }
            #expect(try await bodies("word from:bob") == ["two word"])
            #expect(try await bodies("from:bob") == ["two word"])
            #expect(try await bodies("from:nobody word").isEmpty)
            #expect(try await bodies("in:dev") == ["one word"])
            #expect(try await bodies("word in:ops") == ["two word"])
            // The clock stands at 2027-01-15 08:00 when the first is sent.
            #expect(try await bodies("word before:2027-01-16") == ["one word"])
            #expect(try await bodies("after:2027-01-15") == ["two word"])
            #expect(try await bodies("word after:2027-01-16").isEmpty)
        }
    }

    @Test("pages follow each other without gaps, and edits and deletions count")
    func pages() async throws {
        try await TestChat.with { test in
            let alice = try await test.person("alice")
            let room = try await test.room("dev", alice)
            var seqs: [Int64] = []
            for number in 0..<7 {
                seqs.append(try await test.say("word \(number)", in: room, by: alice).message.seq)
                test.clock.advance(seconds: 1)
            }
            _ = try await test.chat.delete(seqs[3], in: room, by: alice)
            _ = try await test.chat.edit(seqs[4], in: room, body: "other", by: alice)
            for query in ["word", "from:alice in:dev"] {
                var found: [Int64] = []
                var cursor: String?
                repeat {
                    let page = try await test.chat.search(query, cursor: cursor, limit: 2, by: alice)
                    found += page.results.map(\.message.seq)
                    cursor = page.next?.description
                } while cursor != nil
                let expected = query == "word" ? [6, 5, 2, 1, 0] : [6, 5, 4, 2, 1, 0]
                #expect(found == expected.map { seqs[$0] })
            }
            await #expect(throws: ChatError.self) { try await test.chat.search("word", cursor: "x", by: alice) }
        }
    }
}
