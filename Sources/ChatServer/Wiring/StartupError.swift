/// Why an instance cannot serve; the exit codes are those of sysexits(3).
struct StartupError: Error {
    var message: String
    var exitCode: Int32

    /// The configuration is wrong (EX_CONFIG).
    static func configuration(_ message: String) -> StartupError {
        StartupError(message: message, exitCode: 78)
    }

    /// Something that the instance needs cannot be had (EX_UNAVAILABLE).
    static func unavailable(_ message: String) -> StartupError {
        StartupError(message: message, exitCode: 69)
    }
}
