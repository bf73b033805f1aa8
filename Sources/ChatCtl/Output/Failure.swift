/// Why a command failed: the exit code for programs, a sentence for the person, and what to do next.
struct Failure: Error, Sendable, Equatable {
    /// The exit codes, of the sysexits family (sysexits.h), with the word that `--json` shows for them.
    enum Kind: Int32, Sendable, CaseIterable {
        case failed = 1
        case usage = 64
        case invalid = 65
        case notFound = 67
        case unavailable = 69
        case internalError = 70
        case exists = 73
        case timeout = 75
        case notPermitted = 77
        case configuration = 78
        case interrupted = 130

        var word: String {
            switch self {
            case .failed: "failed"
            case .usage: "usage"
            case .invalid: "invalid"
            case .notFound: "not_found"
            case .unavailable: "unavailable"
            case .internalError: "internal"
            case .exists: "conflict"
            case .timeout: "timeout"
            case .notPermitted: "forbidden"
            case .configuration: "configuration"
            case .interrupted: "interrupted"
            }
        }
    }

    let kind: Kind
    let message: String
    let hint: String?

    init(_ kind: Kind, _ message: String, hint: String? = nil) {
        self.kind = kind
        self.message = message
        self.hint = hint
    }

    static let interrupted = Failure(.interrupted, "interrupted")

    /// Any error as a failure; what nobody has foreseen is an internal one.
    init(describing error: any Error) {
        switch error {
        case let failure as Failure: self = failure
        case is CancellationError: self = .interrupted
        default: self = Failure(layer: error) ?? Failure(internal: error)
        }
    }
}

extension Failure {
    /// What should not happen: a bug, of which the person can only tell us.
    init(internal error: any Error) {
        self.init(.internalError, "\(error)", hint: "this is a bug; run it again with --debug and report what it says")
    }
}

extension Failure {
    private struct Envelope: Encodable {
        struct Body: Encodable {
            let code: String
            let message: String
            let hint: String?
        }
        let error: Body
    }

    /// What goes to standard error.
    func rendered(json: Bool) -> String {
        if json {
            return JSONText.encode(Envelope(error: .init(code: kind.word, message: message, hint: hint)))
        }
        let lines = ["error: \(SafeText.escaped(message, keepingNewlines: true))"]
        return (lines + (hint.map { ["hint:  \(SafeText.escaped($0, keepingNewlines: true))"] } ?? []))
            .joined(separator: "\n")
    }
}
