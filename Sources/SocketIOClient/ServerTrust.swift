internal import NIOCore
internal import NIOSSL

/// Whose certificates a client believes: those that the system's authorities gave, or the ones in a file. Made once for
/// many connections, because reading the authorities takes a while.
package struct ServerTrust: Sendable {
    private let context: NIOSSLContext

    /// - Parameter authorityFile: A PEM file with the certificates of authorities, instead of the system's.
    /// - Throws: `SocketIOClientError.untrusted` when the file cannot be used.
    package init(authorityFile: String? = nil) throws(SocketIOClientError) {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        if let authorityFile { configuration.trustRoots = .file(authorityFile) }
        do {
            context = try NIOSSLContext(configuration: configuration)
        } catch {
            throw .untrusted("\(authorityFile ?? "the system's authorities") cannot be used: \(error)")
        }
    }

    /// Encrypts a connection to a host, whose certificate has to be for that name, or for that IP address.
    func handler(for host: String) throws -> NIOSSLClientHandler {
        let isName = (try? SocketAddress(ipAddress: host, port: 0)) == nil
        return try NIOSSLClientHandler(context: context, serverHostname: isName ? host : nil)
    }
}

extension SocketIOClientError {
    /// What went wrong before there was a connection.
    init(opening error: any Error) {
        switch error {
        case let error as Self: self = error
        case is NIOSSLError, is NIOSSLExtraError: self = .untrusted("\(error)")
        default: self = .unreachable("\(error)")
        }
    }
}
