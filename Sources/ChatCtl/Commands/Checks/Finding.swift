/// What one check of `doctor` came to.
struct Finding: Encodable, Sendable, Equatable {
    enum Verdict: String, Encodable, Sendable {
        case pass, warn, fail
    }

    let verdict: Verdict
    let check: String
    let detail: String
    /// What to do.
    let advice: String?

    static func pass(_ check: String, _ detail: String) -> Finding {
        Finding(verdict: .pass, check: check, detail: detail, advice: nil)
    }

    static func warn(_ check: String, _ detail: String, advice: String) -> Finding {
        Finding(verdict: .warn, check: check, detail: detail, advice: advice)
    }

    static func fail(_ check: String, _ detail: String, advice: String) -> Finding {
        Finding(verdict: .fail, check: check, detail: detail, advice: advice)
    }
}
