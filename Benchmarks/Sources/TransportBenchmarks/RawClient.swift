import Glibc

/// A Socket.IO client that costs nothing: a blocking socket, and frames that are made once.
struct RawClient: ~Copyable {
    struct Failure: Error {
        var doing: String
        var code: Int32
    }

    private let descriptor: Int32

    /// Connects to 127.0.0.`host`, over WebSocket, and joins the default namespace.
    init(host: Int, port: Int) throws(Failure) {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7f00_0000 + host).bigEndian
        let code = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard code == 0 else { throw Failure(doing: "connect", code: errno) }
        var on: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
        try send(
            Array(
                """
                GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r
                Host: localhost\r
                Upgrade: websocket\r
                Connection: Upgrade\r
                Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
                Sec-WebSocket-Version: 13\r
                \r

                """.utf8
            )
        )
        try receive(until: "pingInterval")
        try send(Self.frame("40"))
        try receive(until: "40{\"sid\":")
    }

    deinit { close(descriptor) }

    /// A text frame, masked with zeros.
    static func frame(_ text: String) -> [UInt8] {
        let bytes = Array(text.utf8)
        let length: [UInt8] =
            bytes.count < 126
            ? [0x80 | UInt8(bytes.count)] : [0x80 | 126, UInt8(bytes.count >> 8), UInt8(bytes.count & 0xff)]
        return [0x81] + length + [0, 0, 0, 0] + bytes
    }

    func send(_ bytes: [UInt8]) throws(Failure) {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress! + sent, $0.count - sent, 0) }
            guard count > 0 else { throw Failure(doing: "send", code: errno) }
            sent += count
        }
    }

    /// Reads and drops `count` bytes.
    func receive(_ count: Int, into buffer: UnsafeMutableRawBufferPointer) throws(Failure) {
        var missing = count
        while missing > 0 {
            let received = recv(descriptor, buffer.baseAddress, min(missing, buffer.count), 0)
            guard received > 0 else { throw Failure(doing: "receive", code: errno) }
            missing -= received
        }
    }

    private func receive(until mark: String) throws(Failure) {
        var text = ""
        var buffer = [UInt8](repeating: 0, count: 4_096)
        while !text.contains(mark) {
            let count = buffer.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, 0) }
            guard count > 0 else { throw Failure(doing: "wait for \(mark)", code: errno) }
            text += String(decoding: buffer[..<count], as: UTF8.self)
        }
    }
}
