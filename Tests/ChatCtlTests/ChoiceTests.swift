import Testing

@testable import ChatCtl

@Suite struct ChoiceTests {
    private struct Item: Listed {
        struct Owner: Encodable {
            var name: String
        }

        static let fields = ["id", "count", "good", "note", "tags", "owner.name", "detail.*"]

        var id: String
        var count = 0
        var good = false
        var note: String?
        var tags: [String] = []
        var owner: Owner?
        var detail: [String: String] = [:]
    }

    private let items = [
        Item(id: "i-2", count: 10, good: true, note: "b", tags: ["red", "blue"], owner: .init(name: "alice")),
        Item(id: "i-10", count: 9, note: nil, tags: ["red"], owner: .init(name: "bob"), detail: ["from": "x"]),
        Item(id: "i-1", count: 10, note: "a", detail: ["from": "y"]),
    ]

    private func ids(_ limit: Int? = nil, sort: String? = nil, filter: String...) throws -> [String] {
        try Choice<Item>(limit: limit, sort: sort, filters: filter).apply(to: items) { $0 }.map(\.id)
    }

    @Test("without options a list is as it was")
    func nothing() throws {
        #expect(try ids() == ["i-2", "i-10", "i-1"])
    }

    @Test("a list is sorted by numbers as numbers, by names as people count, and downwards on demand")
    func sorts() throws {
        #expect(try ids(sort: "id") == ["i-1", "i-2", "i-10"])
        #expect(try ids(sort: "id:desc") == ["i-10", "i-2", "i-1"])
        #expect(try ids(sort: "count:asc") == ["i-10", "i-2", "i-1"], "equal ones keep their order")
        #expect(try ids(sort: "count:desc,id") == ["i-1", "i-2", "i-10"])
        #expect(try ids(sort: "good") == ["i-10", "i-1", "i-2"])
    }

    @Test("what has no value comes last, upwards and downwards")
    func missing() throws {
        #expect(try ids(sort: "note") == ["i-1", "i-2", "i-10"])
        #expect(try ids(sort: "note:desc") == ["i-2", "i-1", "i-10"])
        #expect(try ids(sort: "owner.name:desc") == ["i-10", "i-2", "i-1"])
    }

    @Test("ids are sorted as the times that they are, not by the digits in them")
    func identifiers() throws {
        let ids = ["0190b000-0000-7000-8000-000000000000", "01901fff-0000-7000-8000-000000000000"]
        let choice = try Choice<Item>(sort: "id")
        #expect(try choice.apply(to: ids.map { Item(id: $0) }) { $0 }.map(\.id) == [ids[1], ids[0]])
    }

    @Test("all conditions hold, and any of the values of one field")
    func filters() throws {
        #expect(try ids(filter: "count=10") == ["i-2", "i-1"])
        #expect(try ids(filter: "count=10", "good=false") == ["i-1"])
        #expect(try ids(filter: "id=i-1", "id=i-2") == ["i-2", "i-1"])
        #expect(try ids(filter: "tags=red") == ["i-2", "i-10"])
        #expect(try ids(filter: "tags=blue") == ["i-2"])
        #expect(try ids(filter: "owner.name=bob") == ["i-10"])
        #expect(try ids(filter: "detail.from=y") == ["i-1"])
        #expect(try ids(filter: "note=") == ["i-10"], "nothing is an empty value")
        #expect(try ids(filter: "owner=") == ["i-1"])
        #expect(try ids(filter: "detail=") == ["i-2"])
        #expect(try ids(filter: "note==") == [], "only the first = divides")
    }

    @Test("the limit counts what is left, in its order")
    func limits() throws {
        #expect(try ids(2) == ["i-2", "i-10"])
        #expect(try ids(1, sort: "id:desc", filter: "count=10") == ["i-2"])
        #expect(try ids(9) == ["i-2", "i-10", "i-1"])
    }

    @Test("a wrong field, order or value is refused with what was probably meant, also when the list is empty")
    func refuses() {
        func failure(_ sort: String? = nil, _ filters: [String] = [], of items: [Item] = []) -> Failure? {
            do {
                _ = try Choice<Item>(sort: sort, filters: filters).apply(to: items) { $0 }
                return nil
            } catch { return error }
        }
        let known = "known are: id, count, good, note, tags, owner.name, detail.*"
        #expect(
            failure("cuont")
                == Failure(.usage, "--sort: there is no field \"cuont\"", hint: "did you mean count? \(known)")
        )
        #expect(failure(nil, ["xyzzy=1"])?.hint == known)
        #expect(failure("detail.")?.kind == .usage && failure("")?.kind == .usage && failure("id,")?.kind == .usage)
        #expect(failure("id:down") == Failure(.usage, "\"down\" is no order", hint: "write id:asc or id:desc"))
        #expect(
            failure(nil, ["good"]) == Failure(.usage, "--filter good has no value", hint: "write it as FIELD=VALUE")
        )
        #expect(failure(nil, ["good=yes"], of: items)?.message == "--filter good=yes: good is true or false")
        #expect(failure(nil, ["count=many"], of: items)?.message == "--filter count=many: count is a number")
    }

    @Test("of a log the last ones that match are read, page by page and no further than needed")
    func latest() async throws {
        let log = (1...100).map { Item(id: "i-\($0)", count: $0, good: $0 % 10 == 0) }
        func latest(_ choice: Choice<Item>) async throws -> (ids: [Int], pages: [Int]) {
            var pages: [Int] = []
            let found = try await choice.latest(limit: 3, pageMax: 20, records: { $0 }) { last, count in
                pages.append(count)
                return Array(log.prefix { $0.count < last?.count ?? .max }.suffix(count).reversed())
            }
            return (found.map(\.count), pages)
        }
        #expect(try await latest(Choice()) == ([98, 99, 100], [3]))
        #expect(try await latest(Choice(limit: 25)).pages == [20, 5])
        #expect(try await latest(Choice(sort: "id:desc")).ids == [100, 99, 98])
        #expect(try await latest(Choice(filters: ["good=true"])) == ([80, 90, 100], [20, 20]))
        #expect(try await latest(Choice(limit: 50, filters: ["good=true"])).pages == Array(repeating: 20, count: 6))
    }
}
