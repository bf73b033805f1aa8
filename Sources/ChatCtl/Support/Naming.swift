/// Finds one of many by what a person typed.
enum Naming {
    /// The one whose name is `typed`, else the only one whose name begins with it.
    ///
    /// - Throws: `Failure`: not found, with the nearest name; invalid when several begin with it.
    static func find<Item>(_ typed: String, in items: [Item], as what: String, by name: (Item) -> String)
        throws(Failure)
        -> Item
    {
        if let exact = items.first(where: { name($0) == typed }) { return exact }
        let candidates = typed.isEmpty ? [] : items.filter { name($0).hasPrefix(typed) }
        if candidates.count == 1 { return candidates[0] }
        guard candidates.isEmpty else {
            let names = candidates.map(name).joined(separator: ", ")
            throw Failure(.invalid, "\"\(typed)\" can be more than one \(what): \(names)")
        }
        throw notFound(typed, as: what, known: items.map(name))
    }

    static func notFound(_ typed: String, as what: String, known: [String]) -> Failure {
        let hint = Suggestion.nearest(to: typed, in: known).map { "did you mean \($0)?" }
        return Failure(.notFound, "there is no \(what) \"\(typed)\"", hint: hint)
    }
}
