import Fleet
import Foundation

/// A record of which lists are made. A list is sorted and filtered by the fields that `--json` prints.
protocol Listed: Encodable {
    /// Their names; those of an object within the record with its own name before them, as in `user.name`. A `*` stands
    /// for fields that differ from record to record. Of an object itself can be asked only whether it is there.
    static var fields: [String] { get }
}

/// Which records of a list are wanted, and in which order: what `--filter`, `--sort` and `--limit` say.
struct Choice<Record: Listed>: Sendable {
    private struct Order: Sendable {
        let path: [String]
        let descends: Bool
    }

    fileprivate struct Condition: Sendable {
        let field: String
        let path: [String]
        /// One of them is enough. An empty one is that of a field without a value.
        var values: [String]
    }

    let limit: Int?
    private let orders: [Order]
    private var conditions: [Condition] = []

    /// - Throws: `Failure` (usage) for a field that the records do not have.
    init(limit: Int? = nil, sort: String? = nil, filters: [String] = []) throws(Failure) {
        self.limit = limit
        var orders: [Order] = []
        for word in sort?.split(separator: ",", omittingEmptySubsequences: false) ?? [] {
            let parts = word.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 1 || ["asc", "desc"].contains(parts[1]) else {
                throw Failure(.usage, "\"\(parts[1])\" is no order", hint: "write \(parts[0]):asc or \(parts[0]):desc")
            }
            orders.append(Order(path: try Self.path(parts[0], for: "--sort"), descends: parts.last == "desc"))
        }
        self.orders = orders
        for filter in filters {
            guard let (field, value) = filter.splitAtEquals else {
                throw Failure(.usage, "--filter \(filter) has no value", hint: "write it as FIELD=VALUE")
            }
            if let index = conditions.firstIndex(where: { $0.field == field }) {
                conditions[index].values.append(value)
            } else {
                let path = try Self.path(field, for: "--filter")
                conditions.append(Condition(field: field, path: path, values: [value]))
            }
        }
    }

    /// The rows that were asked for, in the order that was asked for: filtered, then sorted, then cut.
    func apply<Row>(to rows: [Row], records: (Row) -> Record) throws(Failure) -> [Row] {
        let rows = sorted(try matching(rows, records: records), records: records)
        return limit.map { Array(rows.prefix($0)) } ?? rows
    }

    /// The last rows that match, of a log that can be long: it is read back page by page until there are enough.
    ///
    /// - Parameter page: Reads as many rows before the given one, the latest first.
    /// - Returns: The latest last, or in the order that was asked for.
    func latest<Row>(
        limit: Int,
        pageMax: Int,
        records: (Row) -> Record,
        page: (_ before: Row?, _ count: Int) async throws -> [Row]
    ) async throws -> [Row] {
        let limit = self.limit ?? limit
        var found: [Row] = []
        var last: Row?
        while found.count < limit {
            let count = conditions.isEmpty ? min(limit - found.count, pageMax) : pageMax
            let rows = try await page(last, count)
            found += try matching(rows, records: records)
            guard rows.count == count else { break }
            last = rows.last
        }
        return sorted(found.prefix(limit).reversed(), records: records)
    }

    // MARK: Steps

    private func matching<Row>(_ rows: [Row], records: (Row) -> Record) throws(Failure) -> [Row] {
        guard !conditions.isEmpty else { return rows }
        var matching: [Row] = []
        for (row, fields) in zip(rows, Self.fields(of: rows, records)) {
            var matches = true
            for condition in conditions where matches { matches = try condition.holds(in: fields) }
            if matches { matching.append(row) }
        }
        return matching
    }

    private func sorted<Row>(_ rows: [Row], records: (Row) -> Record) -> [Row] {
        guard !orders.isEmpty else { return rows }
        let keys = Self.fields(of: rows, records).map { fields in orders.map { fields.values(at: $0.path[...]) } }
        let indices = rows.indices.sorted { first, second in
            for (index, order) in orders.enumerated() {
                let (one, other) = (keys[first][index], keys[second][index])
                // What has no value comes last, whichever way the others run.
                if one.isEmpty != other.isEmpty { return other.isEmpty }
                if one.precedes(other) { return !order.descends }
                if other.precedes(one) { return order.descends }
            }
            return first < second
        }
        return indices.map { rows[$0] }
    }

    /// The records as they are printed: so there is no field that `--json` shows otherwise.
    private static func fields<Row>(of rows: [Row], _ records: (Row) -> Record) -> [FieldValue] {
        let json = JSONText.encode(rows.map(records))
        guard let fields = try? JSONDecoder().decode([FieldValue].self, from: Data(json.utf8)) else {
            preconditionFailure("\(Record.self) is not written as JSON")
        }
        return fields
    }

    private static func path(_ field: String, for option: String) throws(Failure) -> [String] {
        let path = field.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        let isKnown = Record.fields.contains { known in
            known == field || known.hasPrefix("\(field).")
                || (known.hasSuffix(".*") && path.count == 2 && known.dropLast(2) == path[0])
        }
        guard isKnown, !path.contains("") else {
            let guess = Suggestion.nearest(to: field, in: Record.fields).map { "did you mean \($0)? " } ?? ""
            throw Failure(
                .usage,
                "\(option): there is no field \"\(field)\"",
                hint: guess + "known are: \(Record.fields.joined(separator: ", "))"
            )
        }
        return path
    }
}

extension Choice.Condition {
    /// - Throws: `Failure` (usage) for a value that this field can never have: it would look as if there were no such row.
    fileprivate func holds(in fields: FieldValue) throws(Failure) -> Bool {
        let found = fields.values(at: path[...])
        var holds = found.isEmpty && values.contains("")
        for item in found {
            for value in values where try item.equals(value, in: field) { holds = true }
        }
        return holds
    }
}

extension FieldValue {
    fileprivate func equals(_ typed: String, in field: String) throws(Failure) -> Bool {
        switch self {
        case .flag(let flag):
            guard ["true", "false", ""].contains(typed) else {
                throw Failure(.usage, "--filter \(field)=\(typed): \(field) is true or false")
            }
            return typed == String(flag)
        case .number(let number):
            guard typed.isEmpty || Double(typed) != nil else {
                throw Failure(.usage, "--filter \(field)=\(typed): \(field) is a number")
            }
            return Double(typed) == number
        case .text(let text): return text == typed
        case .list, .object, .none: return false
        }
    }

    fileprivate func precedes(_ other: FieldValue) -> Bool {
        switch (self, other) {
        case (.number(let one), .number(let another)): one < another
        case (.flag(let one), .flag(let another)): !one && another
        case (.text(let one), .text(let another)):
            // The digits of an id are no numbers, and its bytes are in the order of time.
            UUID(uuidString: one) != nil ? one < another : NaturalOrder.precedes(one, another)
        default: false
        }
    }
}

extension [FieldValue] {
    fileprivate func precedes(_ other: [FieldValue]) -> Bool {
        for (one, another) in zip(self, other) {
            if one.precedes(another) { return true }
            if another.precedes(one) { return false }
        }
        return count < other.count
    }
}

extension String {
    /// What stands before and after the first `=`.
    fileprivate var splitAtEquals: (field: String, value: String)? {
        guard let index = firstIndex(of: "=") else { return nil }
        return (String(self[..<index]), String(self[self.index(after: index)...]))
    }
}
