/// Leaves out of a script the lines that are only comments, and the blanks before the others: they are a quarter of what
/// would travel, and nobody reads them there. The lines stay as empty ones, so that a browser's errors name the lines of
/// the file.
///
/// It does not read JavaScript: in a text over several lines it would take a line for a comment that looks like one. Our
/// scripts have no such texts; a test of theirs sees to it.
enum ScriptComments {
    private static let newline = UInt8(ascii: "\n")
    private static let blanks: Set<UInt8> = [UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r")]

    static func removed(from script: some Collection<UInt8>) -> [UInt8] {
        var kept: [UInt8] = []
        kept.reserveCapacity(script.count)
        var isInside = false
        var isFirst = true
        for line in script.split(separator: newline, omittingEmptySubsequences: false) {
            if !isFirst { kept.append(newline) }
            isFirst = false
            let code = line.drop { blanks.contains($0) }
            let text = String(decoding: code, as: UTF8.self).trimmingBlanksAtEnd
            if isInside {
                isInside = !text.hasSuffix("*/")
            } else if text.hasPrefix("/*"), !text.dropFirst(2).dropLast(2).contains("*/") {
                isInside = text.count < 4 || !text.hasSuffix("*/")
            } else if !text.hasPrefix("//") {
                kept.append(contentsOf: code)
            }
        }
        return kept
    }
}

extension String {
    fileprivate var trimmingBlanksAtEnd: Substring {
        var end = self[...]
        while let last = end.last, last == " " || last == "\t" || last == "\r" { end.removeLast() }
        return end
    }
}
