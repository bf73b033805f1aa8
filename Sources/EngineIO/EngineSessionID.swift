/// Makes session ids and tells whose they are.
public enum EngineSessionID {
    /// 20 characters of base64url hold 120 random bits.
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
    private static let length = 20

    /// An unguessable id from the system's random source, behind the owner's id and a dot where there is one.
    public static func make(owner: String? = nil) -> String {
        var generator = SystemRandomNumberGenerator()
        let random = String(unsafeUninitializedCapacity: length) { buffer in
            var bits: UInt64 = 0
            for index in 0..<length {
                if index % 10 == 0 { bits = generator.next() }
                buffer[index] = alphabet[Int(bits & 0x3f)]
                bits >>= 6
            }
            return length
        }
        return owner.map { "\($0).\(random)" } ?? random
    }

    /// The owner that an id names; nil when it names none.
    public static func owner(of id: String) -> Substring? {
        id.lastIndex(of: ".").map { id[..<$0] }
    }
}
