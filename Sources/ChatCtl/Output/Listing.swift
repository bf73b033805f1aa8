/// One column of a listing.
struct Column<Row> {
    enum Alignment { case left, right }

    let title: String
    var alignment: Alignment = .left
    /// Its cells are cut when the terminal is too narrow.
    var shrinks = false
    /// It is left out when the terminal is too narrow even so; the highest rank goes first.
    var dispensability = 0
    /// For a person: relative times, rounded sizes.
    let table: (Row) -> String
    /// For a program: absolute and exact. The same as for the person unless given.
    let plain: (Row) -> String

    init(
        _ title: String,
        alignment: Alignment = .left,
        shrinks: Bool = false,
        dispensability: Int = 0,
        plain: ((Row) -> String)? = nil,
        table: @escaping (Row) -> String
    ) {
        self.title = title
        self.alignment = alignment
        self.shrinks = shrinks
        self.dispensability = dispensability
        self.table = table
        self.plain = plain ?? table
    }
}

/// Rows in the three forms: table, tab separated, JSON.
enum Listing {
    private struct Envelope<Record: Encodable>: Encodable {
        struct Meta: Encodable { let count: Int }
        let data: [Record]
        let meta: Meta
    }

    static func write<Row>(
        _ rows: [Row],
        columns: [Column<Row>],
        records: (Row) -> some Encodable,
        summary: String,
        to console: Console
    ) {
        switch console.form {
        case .json:
            console.data(json(rows.map(records)))
        case .plain:
            for line in plain(rows, columns: columns) { console.data(line) }
        case .table(let width):
            let lines = table(rows, columns: columns, width: width)
            for (index, line) in lines.enumerated() { console.data(index == 0 ? console.bold(line) : line) }
            if !summary.isEmpty { console.note(console.dim(summary)) }
        }
    }

    /// The rows that are wanted, and below them how many there are.
    static func write<Row, Record: Listed>(
        _ rows: [Row],
        columns: [Column<Row>],
        records: (Row) -> Record,
        choice: Choice<Record>,
        counting one: String,
        _ many: String,
        to console: Console
    ) throws(Failure) {
        let chosen = try choice.apply(to: rows, records: records)
        let summary = "\(chosen.count) \(chosen.count == 1 ? one : many)"
        write(chosen, columns: columns, records: records, summary: summary, to: console)
    }

    /// One block of lines for each row, for `show`: names on the left, values on the right.
    static func details<Row>(
        _ rows: [Row],
        fields: [Column<Row>],
        records: (Row) -> some Encodable,
        to console: Console
    ) {
        if console.isJSON { return console.data(json(rows.map(records))) }
        let width = fields.map(\.title.count).max() ?? 0
        for (index, row) in rows.enumerated() {
            if index > 0 { console.data("") }
            for field in fields {
                if console.form == .plain {
                    console.data("\(field.title)\t\(SafeText.escaped(field.plain(row)))")
                } else {
                    let name = field.title + String(repeating: " ", count: width - field.title.count)
                    console.data("\(console.dim(name))  \(SafeText.escaped(field.table(row)))")
                }
            }
        }
    }

    static func json(_ records: [some Encodable]) -> String {
        JSONText.encode(Envelope(data: records, meta: .init(count: records.count)))
    }

    /// Lines with the header first. Cells are escaped, so a tab or newline in the data cannot add a cell or row.
    static func plain<Row>(_ rows: [Row], columns: [Column<Row>]) -> [String] {
        let cells = rows.map { row in columns.map { SafeText.escaped($0.plain(row)) } }
        return ([columns.map(\.title)] + cells).map { $0.joined(separator: "\t") }
    }

    /// Lines with the header first, columns two spaces apart, no longer than `width` if columns that shrink or can be left
    /// out can help it.
    static func table<Row>(_ rows: [Row], columns: [Column<Row>], width: Int) -> [String] {
        var columns = columns
        var layout = TableLayout(rows, columns)
        layout.shrink(to: width)
        while layout.width > width, let rank = columns.map(\.dispensability).max(), rank > 0,
            let index = columns.lastIndex(where: { $0.dispensability == rank })
        {
            columns.remove(at: index)
            layout = TableLayout(rows, columns)
            layout.shrink(to: width)
        }
        return layout.lines
    }
}
