/// What `chatctl up` was asked for, with everything decided that does not need a running server.
struct SupervisorPlan: Sendable {
    var count: Int
    var host: String
    var port: Int
    var usesRedisAdapter: Bool
    /// Set: use these servers. Nil: run private ones.
    var databaseURL: String?
    var redisURL: String?
    var serverExecutable: String
    var privateHost: String
    var fleetSecretFile: String?
    /// Read by the instances instead of `.env`; empty for none.
    var settingsFile: String?
    var publicDirectory: String?

    var adapterName: String { usesRedisAdapter ? "redis" : "none" }

    /// The address for a browser on this machine.
    func url(port: Int) -> String {
        switch host {
        case "127.0.0.1", "0.0.0.0", "::", "::1", "localhost": "http://localhost:\(port)"
        case let host where host.contains(":"): "http://[\(host)]:\(port)"
        default: "http://\(host):\(port)"
        }
    }
}
