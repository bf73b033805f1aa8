import Foundation

/// What another chatctl asks of the supervisor. One line of JSON on its socket.
enum SupervisorRequest: Codable, Sendable, Equatable {
    /// Start or stop instances until there are so many.
    case scale(count: Int, drain: DrainPlan)
    /// Replace instances, at most `unavailableMax` at a time; none named means all.
    case restart(instances: [String], unavailableMax: Int, drain: DrainPlan)
}

/// How clients are sent away before their instance stops.
struct DrainPlan: Codable, Sendable, Equatable {
    /// Over which time.
    var spreadMilliseconds: Int
    /// After which time an instance is stopped even if clients are left.
    var timeoutMilliseconds: Int

    var spread: Duration { .milliseconds(spreadMilliseconds) }
    var timeout: Duration { .milliseconds(timeoutMilliseconds) }
}

/// What the supervisor answers while it works: lines of JSON, the last one is `done` or `failed`.
enum SupervisorEvent: Codable, Sendable, Equatable {
    /// What is being done now; the next event replaces it.
    case doing(String)
    case stepped(SupervisorStep)
    case done
    case failed(code: Int32, message: String, hint: String?)
}

/// One instance that was stopped, started, or replaced.
struct SupervisorStep: Codable, Sendable, Equatable {
    var index: Int
    var of: Int
    /// The instance that was stopped.
    var stopped: String?
    /// The instance that was started.
    var started: String?
    /// Sockets at the beginning of the drain, and those that were closed at its end.
    var sockets: Int?
    var left: Int?
    var drainMilliseconds: Int?

    private enum CodingKeys: String, CodingKey {
        case index, of, stopped, started, sockets, left
        case drainMilliseconds = "drain_ms"
    }
}
