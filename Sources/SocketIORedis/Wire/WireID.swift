/// Makes the ids that servers and requests go by, in the forms of Node's.
enum WireID {
    private static let alphanumeric = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")
    private static let hexadecimal = Array("0123456789abcdef")

    /// Six characters, as the classic adapter's.
    static func classic() -> String { make(6, of: alphanumeric) }

    /// Sixteen hexadecimal digits, as the sharded adapter's.
    static func sharded() -> String { make(16, of: hexadecimal) }

    private static func make(_ length: Int, of alphabet: [Character]) -> String {
        String((0..<length).map { _ in alphabet[Int.random(in: alphabet.indices)] })
    }
}
