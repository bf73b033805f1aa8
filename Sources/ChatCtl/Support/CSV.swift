/// Comma-separated values as RFC 4180 has them: quotes around a value, two for one inside, newlines in quotes.
enum CSV {
    struct Row: Equatable, Sendable {
        /// Where the row begins, from 1.
        let line: Int
        let fields: [String]
    }

    /// Empty lines are left out. Nil in place of rows when a quote is never closed.
    static func parse(_ text: String) -> [Row]? {
        var rows: [Row] = []
        var fields: [String] = []
        var field = ""
        var isQuoted = false
        var hasContent = false
        var line = 1
        var begin = 1
        var characters = Array(text)[...]
        func isLineEnd(_ character: Character) -> Bool { character == "\n" || character == "\r\n" || character == "\r" }
        while let character = characters.popFirst() {
            if isQuoted {
                if character == "\"" {
                    if characters.first == "\"" {
                        characters.removeFirst()
                        field.append("\"")
                    } else {
                        isQuoted = false
                    }
                } else {
                    if isLineEnd(character) { line += 1 }
                    field.append(character)
                }
            } else if character == "\"", field.isEmpty {
                isQuoted = true
                hasContent = true
            } else if character == "," {
                fields.append(field)
                field = ""
                hasContent = true
            } else if isLineEnd(character) {
                if hasContent || !field.isEmpty { rows.append(Row(line: begin, fields: fields + [field])) }
                (fields, field, hasContent) = ([], "", false)
                line += 1
                begin = line
            } else {
                field.append(character)
            }
        }
        guard !isQuoted else { return nil }
        if hasContent || !field.isEmpty { rows.append(Row(line: begin, fields: fields + [field])) }
        return rows
    }
}
