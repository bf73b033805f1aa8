import Foundation

/// A resolved TCP address.
struct SocketAddress: Sendable {
    let family: Int32
    private let bytes: [UInt8]

    /// - Throws: `Failure` (configuration) when the name does not resolve.
    static func resolve(host: String, port: Int) throws(Failure) -> SocketAddress {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_family = AF_UNSPEC
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, String(port), &hints, &list)
        guard code == 0, let first = list?.pointee, let address = first.ai_addr else {
            throw Failure(
                .configuration,
                "the host \"\(host)\" cannot be resolved: \(String(cString: gai_strerror(code)))"
            )
        }
        defer { freeaddrinfo(list) }
        return SocketAddress(
            family: first.ai_family,
            bytes: Array(UnsafeRawBufferPointer(start: address, count: Int(first.ai_addrlen)))
        )
    }

    func withPointer<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        // As storage, because an array of bytes is not aligned like a socket address.
        var storage = sockaddr_storage()
        withUnsafeMutableBytes(of: &storage) { $0.copyBytes(from: bytes) }
        return withUnsafePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(bytes.count)) }
        }
    }
}
