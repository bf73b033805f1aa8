import ArgumentParser

/// A length of time on the command line: `500ms`, `10s`, `2m`, `6h`, `30d`.
struct Span: ExpressibleByArgument, Sendable, Equatable {
    let duration: Duration

    init(_ duration: Duration) { self.duration = duration }

    init?(argument: String) {
        let digits = argument.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        let units: [String: Double] = ["ms": 0.001, "s": 1, "m": 60, "h": 3_600, "d": 86_400]
        guard let number = Double(digits), number.isFinite, number >= 0,
            let unit = units[String(argument.dropFirst(digits.count))], number * unit < 1e10
        else { return nil }
        duration = .milliseconds(Int(number * unit * 1_000))
    }

    var milliseconds: Int { Int(duration / .milliseconds(1)) }
    var seconds: Double { duration / .seconds(1) }
    var defaultValueDescription: String {
        milliseconds % 1_000 == 0 ? "\(milliseconds / 1_000)s" : "\(milliseconds)ms"
    }
}
