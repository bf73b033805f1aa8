import ArgumentParser
import SocketIOClient

/// Whose certificates are believed where an address begins with `https:`.
struct TrustOptions: ParsableArguments {
    @Option(
        name: .customLong("ca-file"),
        help: ArgumentHelp(
            "A PEM file with the authorities that are trusted for https, instead of the system's.",
            valueName: "file"
        ),
        completion: .file()
    )
    var authorityFile: String?

    /// Nil when none of the addresses needs it.
    ///
    /// - Throws: `Failure` (configuration) for a file that cannot be used.
    func trust(for addresses: [SocketIOAddress]) throws(Failure) -> ServerTrust? {
        guard addresses.contains(where: \.isSecure) else { return nil }
        do { return try ServerTrust(authorityFile: authorityFile) } catch {
            throw Failure(.configuration, "--ca-file: \(error)")
        }
    }
}
