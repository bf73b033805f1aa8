/// What stands in one field of a record, as `--json` prints it.
enum FieldValue: Sendable, Equatable {
    case flag(Bool)
    case number(Double)
    case text(String)
    case list([FieldValue])
    case object([String: FieldValue])
    case none

    /// What stands at the end of a path such as `user.name`: nothing, one value, or the values of all items of a list.
    func values(at path: ArraySlice<String>) -> [FieldValue] {
        switch self {
        case .list(let items): items.flatMap { $0.values(at: path) }
        case .object(let fields):
            if let name = path.first {
                fields[name]?.values(at: path.dropFirst()) ?? []
            } else {
                fields.isEmpty ? [] : [self]
            }
        case .none: []
        case .flag, .number, .text: path.isEmpty ? [self] : []
        }
    }
}

extension FieldValue: Decodable {
    init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        // The most frequent first: each wrong guess is an error that is made and thrown away.
        if let text = try? value.decode(String.self) {
            self = .text(text)
        } else if value.decodeNil() {
            self = .none
        } else if let flag = try? value.decode(Bool.self) {
            self = .flag(flag)
        } else if let number = try? value.decode(Double.self) {
            self = .number(number)
        } else if let items = try? value.decode([FieldValue].self) {
            self = .list(items)
        } else {
            self = .object(try value.decode([String: FieldValue].self))
        }
    }
}
