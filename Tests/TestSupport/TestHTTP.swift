package import NIOCore
package import NIOHTTP1

/// A response as a test looks at it.
package struct TestResponse: Sendable {
    package var status: Int
    package var headers: HTTPHeaders
    package var bodyBytes: ByteBuffer
    package var body: String { String(buffer: bodyBytes) }
}

/// HTTP/1.1 by hand, so that a test says exactly what goes over the wire.
extension TestConnection {
    /// Sends a request with a body of known length and waits for its response.
    package func request(
        _ method: String = "GET",
        _ uri: String,
        headers: [(String, String)] = [],
        body: String? = nil
    ) async throws -> TestResponse {
        try await send(method, uri, headers: headers, body: body)
        return try await response(to: method)
    }

    /// Sends a request; its response is waited for with `response`.
    package func send(
        _ method: String = "GET",
        _ uri: String,
        headers: [(String, String)] = [],
        body: String? = nil
    ) async throws {
        var text = "\(method) \(uri) HTTP/1.1\r\n"
        if !headers.contains(where: { $0.0.lowercased() == "host" }) { text += "Host: localhost\r\n" }
        for (name, value) in headers { text += "\(name): \(value)\r\n" }
        if let body { text += "Content-Length: \(body.utf8.count)\r\n" }
        try await write(text + "\r\n" + (body ?? ""))
    }

    /// Waits for the next response, informational ones included.
    package func response(to method: String = "GET") async throws -> TestResponse {
        try await read { bytes in
            guard var response = try Self.readHead(&bytes) else { return nil }
            guard method != "HEAD", response.status >= 200, response.status != 204 else { return response }
            let length = response.headers.first(name: "content-length").flatMap(Int.init) ?? 0
            guard let body = bytes.readSlice(length: length) else { return nil }
            response.bodyBytes = body
            return response
        }
    }

    static func readHead(_ bytes: inout ByteBuffer) throws -> TestResponse? {
        let view = bytes.readableBytesView
        guard let end = view.firstRange(of: Array("\r\n\r\n".utf8)),
            let text = bytes.readString(length: end.upperBound - view.startIndex)
        else { return nil }
        let lines = text.split(separator: "\r\n")
        guard let first = lines.first, first.hasPrefix("HTTP/1.1 "), let status = Int(first.dropFirst(9).prefix(3))
        else {
            throw Failure.unexpected(text)
        }
        var headers = HTTPHeaders()
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2 else { throw Failure.unexpected(text) }
            headers.add(name: String(parts[0]), value: String(parts[1].drop { $0 == " " }))
        }
        return TestResponse(status: status, headers: headers, bodyBytes: ByteBuffer())
    }
}

/// Requests on connections of their own.
package enum TestHTTP {
    /// One request, one connection.
    package static func request(
        _ method: String = "GET",
        port: Int,
        _ uri: String,
        headers: [(String, String)] = [],
        body: String? = nil
    ) async throws -> TestResponse {
        let connection = try await TestConnection.open(port: port)
        defer { connection.close() }
        return try await connection.request(method, uri, headers: headers, body: body)
    }
}
