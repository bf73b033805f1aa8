import Testing

@testable import ChatCtl

@Suite struct ListingTests {
    private struct Row: Encodable {
        let name: String
        let count: Int
    }

    private let columns = [
        Column<Row>("NAME", shrinks: true) { $0.name },
        Column<Row>("COUNT", alignment: .right, plain: { String($0.count) }) { "\($0.count) x" },
    ]
    private let rows = [Row(name: "alice", count: 7), Row(name: "中文\u{1b}[2J", count: 1200)]

    @Test("a table lines up, with wide and escaped characters")
    func table() {
        #expect(
            Listing.table(rows, columns: columns, width: 80) == [
                "NAME          COUNT",
                "alice           7 x",
                "中文\\x1b[2J  1200 x",
            ]
        )
    }

    @Test("the shrinking column gives way on a narrow terminal")
    func narrow() {
        let lines = Listing.table([Row(name: "a-very-long-name-indeed", count: 1)], columns: columns, width: 20)
        #expect(lines == ["NAME           COUNT", "a-very-long-…    1 x"])
    }

    @Test("the widest of several shrinking columns gives first")
    func twoShrink() {
        let columns = [
            Column<Row>("NAME", shrinks: true) { $0.name }, Column<Row>("AGAIN", shrinks: true) { "\($0.name)-again" },
        ]
        let lines = Listing.table([Row(name: "eleven-long", count: 1)], columns: columns, width: 24)
        #expect(lines == ["NAME         AGAIN", "eleven-long  eleven-lon…"])
    }

    @Test("a column that can be spared is left out on a narrow terminal, and is there on a wide one")
    func spared() {
        let columns = [
            Column<Row>("NAME") { $0.name }, Column<Row>("HOST", dispensability: 1) { _ in "host.example" },
            Column<Row>("COUNT") { String($0.count) },
        ]
        let rows = [Row(name: "alice", count: 1)]
        #expect(Listing.table(rows, columns: columns, width: 20) == ["NAME   COUNT", "alice  1"])
        #expect(Listing.table(rows, columns: columns, width: 80)[0] == "NAME   HOST          COUNT")
    }

    @Test("piped output is tab separated and exact; data cannot forge cells or rows")
    func plain() {
        let lines = Listing.plain([Row(name: "a\tb\nc", count: 3)], columns: columns)
        #expect(lines == ["NAME\tCOUNT", "a\\tb\\nc\t3"])
    }

    @Test("JSON is one object with data and the number of rows")
    func json() {
        #expect(Listing.json([Row(name: "a", count: 1)]) == #"{"data":[{"count":1,"name":"a"}],"meta":{"count":1}}"#)
        #expect(Listing.json([Row]()) == #"{"data":[],"meta":{"count":0}}"#)
    }
}
