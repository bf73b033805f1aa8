internal import NIOCore
internal import NIOSSL

/// Encrypts connections to one server.
struct RedisTLS: Sendable {
    private let context: NIOSSLContext
    /// Who the certificate has to be for; nil for an IP address, which is checked as such, and for a Unix socket.
    private let hostname: String?

    /// - Throws: `RedisError.invalidTLS` when the file of authorities cannot be used.
    init(_ tls: RedisConfiguration.TLS, address: RedisConfiguration.Address) throws {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        if let file = tls.certificateAuthorityFile { configuration.trustRoots = .file(file) }
        do {
            context = try NIOSSLContext(configuration: configuration)
        } catch {
            throw RedisError.invalidTLS("\(tls.certificateAuthorityFile ?? "the system's authorities"): \(error)")
        }
        hostname =
            switch address {
            case .tcp(let host, _): (try? SocketAddress(ipAddress: host, port: 0)) == nil ? host : nil
            case .unix: nil
            }
    }

    func handler() throws -> NIOSSLClientHandler {
        try NIOSSLClientHandler(context: context, serverHostname: hostname)
    }
}
