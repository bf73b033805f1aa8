import Foundation

/// Short conversations over a socket, to see whether a server is ready. Blocking, with a deadline, off the async threads.
enum SocketProbe {
    /// A list of ten thousand sockets fits.
    private static let answerBytesMax = 8 * 1024 * 1024
    private static let queue = DispatchQueue(label: "chatctl.probe", attributes: .concurrent)

    /// Whether `GET path` on the address answers 200.
    static func answersOK(host: String, port: Int, path: String) async -> Bool {
        let request = "GET \(path) HTTP/1.1\r\nHost: \(host)\r\nConnection: close\r\n\r\n"
        let answer = await ask(request, upTo: 32) { connect(host: host, port: port) }
        return answer.map { $0.hasPrefix("HTTP/1.") && $0.dropFirst(8).hasPrefix(" 200 ") } ?? false
    }

    /// The body of the answer to a POST, if it is 200.
    static func post(_ body: Data, host: String, port: Int, path: String, headers: [String: String]) async -> Data? {
        let lines = headers.map { "\($0.key): \($0.value)\r\n" }.sorted().joined()
        let head =
            "POST \(path) HTTP/1.1\r\nHost: \(host)\r\nContent-Length: \(body.count)\r\n\(lines)Connection: close\r\n\r\n"
        let request = head + String(decoding: body, as: UTF8.self)
        let answer = await ask(request, upTo: answerBytesMax) { connect(host: host, port: port) }
        guard let answer, answer.hasPrefix("HTTP/1.1 200 "), let end = answer.range(of: "\r\n\r\n") else { return nil }
        return Data(answer[end.upperBound...].utf8)
    }

    /// Whether the Redis on that Unix socket answers a PING.
    static func redisAnswers(socket path: String) async -> Bool {
        await ask("PING\r\n", upTo: 7) { connect(unixSocket: path) } == "+PONG\r\n"
    }

    private static func ask(
        _ request: String,
        upTo bytesMax: Int,
        connecting: @escaping @Sendable () -> Int32?
    ) async -> String? {
        await withCheckedContinuation { (continuation: CheckedContinuation<String?, Never>) in
            queue.async {
                guard let descriptor = connecting() else { return continuation.resume(returning: nil) }
                defer { close(descriptor) }
                var answer: [UInt8] = []
                guard send(descriptor, request, request.utf8.count, Int32(MSG_NOSIGNAL)) == request.utf8.count
                else { return continuation.resume(returning: nil) }
                var chunk = [UInt8](repeating: 0, count: min(bytesMax, 64 * 1024))
                while answer.count < bytesMax {
                    let count = recv(descriptor, &chunk, min(chunk.count, bytesMax - answer.count), 0)
                    guard count > 0 else { break }
                    answer += chunk[..<count]
                }
                continuation.resume(returning: answer.isEmpty ? nil : String(decoding: answer, as: UTF8.self))
            }
        }
    }

    private static func makeSocket(_ family: Int32) -> Int32? {
        let descriptor = socket(family, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        var patience = timeval(tv_sec: 2, tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(descriptor, SOL_SOCKET, option, &patience, socklen_t(MemoryLayout<timeval>.size))
        }
        return descriptor
    }

    private static func connect(host: String, port: Int) -> Int32? {
        guard let address = try? SocketAddress.resolve(host: host, port: port),
            let descriptor = makeSocket(address.family)
        else { return nil }
        guard address.withPointer({ Foundation.connect(descriptor, $0, $1) }) == 0 else {
            close(descriptor)
            return nil
        }
        return descriptor
    }

    private static func connect(unixSocket path: String) -> Int32? {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count <= Placement.socketPathBytesMax, let descriptor = makeSocket(AF_UNIX) else { return nil }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Foundation.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard result == 0 else {
            close(descriptor)
            return nil
        }
        return descriptor
    }
}
