import Foundation
import NIOCore
import Testing

@testable import ChatCtl

@Suite("Verifying delivery")
struct VerifyTests {
    @Test("a client applies what follows, ignores what it knows, and asks for what is missing")
    func reception() {
        var reception = Reception(have: 4)
        #expect(reception.take(changedSeq: 5, body: "a") == .apply)
        #expect(reception.take(changedSeq: 5, body: "a") == .ignore)
        #expect(reception.take(changedSeq: 8, body: "c") == .sync)
        reception.take(synced: [(6, "b"), (8, "c")], upTo: 9)
        #expect(reception.applied == ["a", "b", "c"])
        #expect(reception.have == 9)
    }

    @Test("nothing is counted where everybody got everything in order")
    func good() {
        var verdict = DeliveryVerdict()
        verdict.judge(acknowledged: ["b", "a"], stored: ["a", "b"], received: [["a", "b"], ["a", "b"]])
        #expect(verdict.isGood)
        #expect(verdict.delivered == 4 && verdict.expected == 4)
    }

    @Test("an acknowledged message that is not stored is lost, and so is one that a client did not get")
    func lost() {
        var verdict = DeliveryVerdict()
        verdict.judge(acknowledged: ["a", "b", "c"], stored: ["a", "b"], received: [["a"], ["a", "b"]])
        #expect(verdict.lost == 2)
    }

    @Test("a message that is stored twice or got twice is a duplicate")
    func duplicate() {
        var verdict = DeliveryVerdict()
        verdict.judge(acknowledged: ["a"], stored: ["a", "a"], received: [["a"]])
        #expect(verdict.duplicate == 1)
        verdict = DeliveryVerdict()
        verdict.judge(acknowledged: ["a"], stored: ["a"], received: [["a", "a"]])
        #expect(verdict.duplicate == 1)
    }

    @Test("another order than that of the room is noticed")
    func order() {
        var verdict = DeliveryVerdict()
        verdict.judge(acknowledged: ["a", "b", "c"], stored: ["a", "b", "c"], received: [["b", "a", "c"]])
        #expect(verdict.outOfOrder == 1)
    }
}

@Suite("Load generator")
struct LoadTests {
    @Test("a payload's placeholders are filled in for each send")
    func template() throws {
        let template = try PayloadTemplate(event: "say \"it\"", payload: #"{"id":"{id}","who":{client},"n":{n}}"#)
        struct Payload: Decodable, Equatable {
            var id: String
            var who: Int
            var n: Int
        }
        func payload(_ number: Int) throws -> Payload {
            let text = String(buffer: template.render(client: 3, number: number))
            #expect(text.hasPrefix(#"["say \"it\"","#))
            let json = text.dropFirst(#"["say \"it\"","#.count).dropLast()
            return try JSONDecoder().decode(Payload.self, from: Data(json.utf8))
        }
        let (first, second) = (try payload(1), try payload(2))
        #expect(first.who == 3 && first.n == 1 && second.n == 2)
        #expect(first.id != second.id)
    }

    @Test("a payload that is no JSON is refused before anything is sent")
    func invalidTemplate() {
        #expect(throws: Failure.self) { try PayloadTemplate(event: "e", payload: "{id}") }
    }

    @Test("a moment is found in a text, and its age grows")
    func moment() throws {
        let text = "before \(Moment.now()) after"
        let age = try #require(Moment.age(in: text.utf8))
        #expect(age >= .zero)
        #expect(try #require(Moment.age(in: text.utf8)) >= age)
        #expect(Moment.age(in: "alice@example.org 12@".utf8) == nil)
    }

    @Test("times are summed up in milliseconds and put into buckets")
    func latencies() throws {
        let recorder = LatencyRecorder()
        #expect(recorder.summary == nil && recorder.buckets.isEmpty)
        for milliseconds in 1...100 { recorder.record(.milliseconds(milliseconds)) }
        let summary = try #require(recorder.summary)
        #expect(summary.count == 100)
        #expect(abs(summary.p50 - 50) < 1 && abs(summary.max - 100) < 1)
        #expect(recorder.buckets.reduce(0) { $0 + $1.count } == 100)
    }

    @Test("a bar shows the part that is done")
    func bar() {
        #expect(ProgressBar.line("x", done: 1, total: 2, detail: "d").hasSuffix("50 %  d"))
        #expect(ProgressBar.line("x", done: 5, total: 0, detail: "").hasSuffix("100 %"))
    }
}
