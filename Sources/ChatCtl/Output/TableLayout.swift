/// The cells of a table and how wide its columns are.
struct TableLayout {
    private static let gap = 2
    /// A column that shrinks keeps that many characters, or its title.
    private static let widthMin = 8

    private let cells: [[String]]
    private let isRightAligned: [Bool]
    private let shrinks: [Bool]
    private var widths: [Int]

    init<Row>(_ rows: [Row], _ columns: [Column<Row>]) {
        let cells = [columns.map(\.title)] + rows.map { row in columns.map { SafeText.escaped($0.table(row)) } }
        self.cells = cells
        isRightAligned = columns.map { $0.alignment == .right }
        shrinks = columns.map(\.shrinks)
        widths = columns.indices.map { column in cells.map { TextWidth.of($0[column]) }.max() ?? 0 }
    }

    /// How long the longest line can be.
    var width: Int { widths.reduce(0, +) + Self.gap * max(0, widths.count - 1) }

    /// Takes from the widest column that can give, as long as the table is too wide.
    mutating func shrink(to limit: Int) {
        while width > limit {
            let givers = widths.indices.filter { shrinks[$0] && widths[$0] > max(Self.widthMin, cells[0][$0].count) }
            guard let widest = givers.max(by: { widths[$0] < widths[$1] }) else { return }
            widths[widest] -= 1
        }
    }

    /// The header first.
    var lines: [String] {
        cells.map { row in
            var line = ""
            for (index, cell) in row.enumerated() {
                let text = TextWidth.shortened(cell, to: widths[index])
                let padding = String(repeating: " ", count: max(0, widths[index] - TextWidth.of(text)))
                line += (isRightAligned[index] ? padding + text : text + padding)
                line += String(repeating: " ", count: Self.gap)
            }
            while line.last == " " { line.removeLast() }
            return line
        }
    }
}
