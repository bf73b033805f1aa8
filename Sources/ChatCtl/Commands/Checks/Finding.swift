/// What one check of `doctor` came to.
struct Finding: Encodable, Sendable, Equatable {
    enum Verdict: String, Encodable, Sendable {
        case pass, warn, fail
        /// It was wrong until `doctor --fix` put it right.
        case fixed
    }

    let verdict: Verdict
    let check: String
    let detail: String
    /// What to do.
    let advice: String?
    /// What `--fix` does about it; nil for what is not safe, or not a matter of this machine alone.
    var repair: Repair?

    private enum CodingKeys: CodingKey { case verdict, check, detail, advice }

    static func pass(_ check: String, _ detail: String) -> Finding {
        Finding(verdict: .pass, check: check, detail: detail, advice: nil)
    }

    static func warn(_ check: String, _ detail: String, advice: String, repair: Repair? = nil) -> Finding {
        Finding(verdict: .warn, check: check, detail: detail, advice: advice, repair: repair)
    }

    static func fail(_ check: String, _ detail: String, advice: String, repair: Repair? = nil) -> Finding {
        Finding(verdict: .fail, check: check, detail: detail, advice: advice, repair: repair)
    }

    /// The same finding after its repair.
    func fixed(_ detail: String) -> Finding {
        Finding(verdict: .fixed, check: check, detail: detail, advice: nil)
    }
}
