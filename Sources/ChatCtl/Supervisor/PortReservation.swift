import Foundation

/// Makes sure that the public port is free, and keeps it for the instances of this supervisor.
///
/// All instances share the port with SO_REUSEPORT, so a second chat of the same user on the same port would not fail:
/// it would silently get a part of the connections. Therefore the port is first bound without that option. After that it is
/// held with it, by a socket that never listens and so never gets a connection, and the next supervisor's probe fails.
final class PortReservation: Sendable {
    let port: Int
    private let descriptor: Int32

    /// - Parameter port: 0 takes any free port.
    /// - Throws: `Failure` when the port is in use or must not be bound.
    init(host: String, port: Int) throws(Failure) {
        // Connections of an earlier run in TIME_WAIT do not make a port used; a listener does, also with SO_REUSEADDR.
        let probe = try Self.bind(host: host, port: port, options: [SO_REUSEADDR])
        self.port = port == 0 ? Self.port(of: probe) : port
        close(probe)
        // Without SO_REUSEADDR, so that another supervisor's probe fails as soon as the port is held. Old connections of a
        // stranger's server in TIME_WAIT are in the way of that; then the port is held only when the instances listen.
        do {
            descriptor = try Self.bind(host: host, port: self.port, options: [SO_REUSEPORT])
        } catch {
            descriptor = try Self.bind(host: host, port: self.port, options: [SO_REUSEPORT, SO_REUSEADDR])
        }
    }

    deinit { close(descriptor) }

    private static func bind(host: String, port: Int, options: [Int32]) throws(Failure) -> Int32 {
        let address = try SocketAddress.resolve(host: host, port: port)
        let descriptor = socket(address.family, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw Files.cannot("make a socket for", host) }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        var on: Int32 = 1
        for option in options { setsockopt(descriptor, SOL_SOCKET, option, &on, socklen_t(MemoryLayout<Int32>.size)) }
        guard address.withPointer({ Foundation.bind(descriptor, $0, $1) }) == 0 else {
            let code = errno
            close(descriptor)
            switch code {
            case EADDRINUSE:
                throw Failure(
                    .unavailable,
                    "port \(port) is in use",
                    hint: "stop the other program, or choose another port: --port \(port == 3000 ? 3001 : 3000)"
                )
            case EACCES:
                throw Failure(.notPermitted, "port \(port) needs root", hint: "choose one above 1023: --port 3000")
            default:
                throw Failure(.configuration, "cannot listen on \(host):\(port): \(String(cString: strerror(code)))")
            }
        }
        return descriptor
    }

    private static func port(of descriptor: Int32) -> Int {
        var address = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        _ = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        // The port is at the same place in the addresses of IPv4 and IPv6.
        return withUnsafeBytes(of: &address) { Int($0[2]) << 8 | Int($0[3]) }
    }
}
