/// Finds what somebody probably meant.
enum Suggestion {
    /// The nearest of the known words if it is near enough: at most a third of its letters differ.
    static func nearest(to word: String, in known: [String]) -> String? {
        let word = word.lowercased()
        return known.map { ($0, distance(word, $0.lowercased())) }
            .filter { $0.1 <= max(1, $0.0.count / 3) }
            .min { $0.1 < $1.1 }?.0
    }

    /// The number of insertions, deletions, substitutions and swaps of neighbours that turn one into the other.
    static func distance(_ left: String, _ right: String) -> Int {
        let (a, b) = (Array(left), Array(right))
        var rows = [Array(0...b.count)]
        for i in 0..<a.count {
            var row = [i + 1]
            for j in 0..<b.count {
                var best = min(rows[i][j + 1] + 1, row[j] + 1, rows[i][j] + (a[i] == b[j] ? 0 : 1))
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { best = min(best, rows[i - 1][j - 1] + 1) }
                row.append(best)
            }
            rows.append(row)
        }
        return rows[a.count][b.count]
    }
}
