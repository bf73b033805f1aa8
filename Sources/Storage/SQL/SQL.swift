/// A statement and its parameters. Written as text with interpolation, it never mixes the two: each interpolated value
/// becomes a parameter, `$1`, `$2` and so on, and only literals of the program can become text.
///
///     SQL("SELECT \(Room.columns) FROM rooms r WHERE r.id = \(id)")
package struct SQL: Sendable, ExpressibleByStringInterpolation {
    let text: String
    let parameters: [Parameter]
    /// Planned for these parameters each time it runs, where the best plan depends on them and a common one can be
    /// slower by orders of magnitude.
    private(set) var isPlannedAfresh = false

    /// The same statement, planned for its parameters.
    func plannedAfresh() -> SQL {
        var statement = self
        statement.isPlannedAfresh = true
        return statement
    }

    package init(stringLiteral value: String) {
        text = value
        parameters = []
    }

    package init(stringInterpolation: Interpolation) {
        text = stringInterpolation.text
        parameters = stringInterpolation.parameters
    }

    /// A list of columns, or another piece that several statements share. It can hold no value.
    package struct Fragment: Sendable, ExpressibleByStringLiteral {
        let text: String

        package init(stringLiteral value: StaticString) { text = value.description }
    }

    /// Collects text and parameters.
    package struct Interpolation: StringInterpolationProtocol {
        var text = ""
        var parameters: [Parameter] = []

        package init(literalCapacity: Int, interpolationCount: Int) {
            text.reserveCapacity(literalCapacity + interpolationCount * 2)
            parameters.reserveCapacity(interpolationCount)
        }

        package mutating func appendLiteral(_ literal: String) { text += literal }

        package mutating func appendInterpolation(_ fragment: Fragment) { text += fragment.text }

        package mutating func appendInterpolation<Value: SQLEncodable>(_ value: Value) {
            parameters.append(Parameter(type: Value.sqlType, bytes: value.sqlBytes))
            text += "$\(parameters.count)"
        }

        package mutating func appendInterpolation<Value: SQLEncodable>(_ value: Value?) {
            parameters.append(Parameter(type: Value.sqlType, bytes: value?.sqlBytes))
            text += "$\(parameters.count)"
        }
    }
}

/// One value in PostgreSQL's binary format.
struct Parameter: Sendable {
    let type: SQLType
    /// Nil is NULL.
    let bytes: [UInt8]?
}
