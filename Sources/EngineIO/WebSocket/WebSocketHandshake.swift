import Crypto
import Foundation
import NIOHTTP1

/// The server's half of the opening handshake (RFC 6455, section 4.2.2).
enum WebSocketHandshake {
    /// The 101 response, or nil when the request is not a handshake of version 13 with a proper key.
    ///
    /// - Parameter agreement: What was agreed on about compression.
    static func response(
        to head: HTTPRequestHead,
        _ agreement: PerMessageDeflate.Agreement? = nil
    ) -> HTTPResponseHead? {
        let keys = head.headers["sec-websocket-key"]
        guard keys.count == 1, let key = keys.first, Data(base64Encoded: key)?.count == 16,
            head.headers.first(name: "sec-websocket-version") == "13"
        else { return nil }
        var headers: HTTPHeaders = [
            "upgrade": "websocket",
            "connection": "Upgrade",
            "sec-websocket-accept": accept(key),
        ]
        if let agreement { headers.add(name: "sec-websocket-extensions", value: agreement.header) }
        return HTTPResponseHead(version: .http1_1, status: .switchingProtocols, headers: headers)
    }

    private static func accept(_ key: String) -> String {
        let digest = Insecure.SHA1.hash(data: Data((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8))
        return Data(digest).base64EncodedString()
    }
}
