import Foundation
import Hummingbird

extension Request {
    /// The query's parameters; of one that comes twice the first.
    ///
    /// A plus is a blank here, as forms write it (URL Standard, section 5.1) and so do the usual HTTP libraries.
    /// Hummingbird takes it for a plus.
    var query: [String: String] {
        let pairs = (uri.query ?? "").split(separator: "&").map { $0.split(separator: "=", maxSplits: 1) }
        return Dictionary(pairs.map { (Self.text($0.first), Self.text($0.dropFirst().first)) }) { first, _ in first }
    }

    private static func text(_ encoded: Substring?) -> String {
        let spaced = (encoded ?? "").replacing("+", with: " ")
        return spaced.removingPercentEncoding ?? String(spaced)
    }
}
