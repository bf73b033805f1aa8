public import NIOCore

/// Refuses a client's connection to a namespace; the client sees it as `connect_error`.
public struct ConnectError: Error {
    /// What the client's `error.message` says.
    public var message: String
    /// JSON of the client's `error.data`.
    public var data: ByteBuffer?

    /// Refuses with a text.
    public init(_ message: String) {
        self.message = message
    }

    /// Refuses with a text and further details.
    ///
    /// - Throws: `EncodingError` when the details cannot be encoded.
    public init(_ message: String, data: some Encodable) throws {
        self.message = message
        self.data = try PayloadCoding.value(data).json
    }

    /// `{"message":"…","data":…}`
    var json: ByteBuffer {
        let message = PayloadCoding.text(message)
        var json = ByteBuffer(string: "{\"message\":")
        json.writeImmutableBuffer(message)
        if let data {
            json.writeString(",\"data\":")
            json.writeImmutableBuffer(data)
        }
        json.writeString("}")
        return json
    }
}
