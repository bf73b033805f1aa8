import CArgon2
import Domain

/// The calls into libargon2. Blocking; the callers are threads that exist for this.
enum Argon2 {
    static let memoryKibibytes: UInt32 = 19_456
    static let passes: UInt32 = 2
    static let lanes: UInt32 = 1
    static let saltBytes = 16
    static let hashBytes = 32

    /// A string that is longer was not made here.
    static let encodedBytesMax = 256
    /// The dearest parameters that we are willing to spend on a stored string: 256 MiB, 10 passes, 4 lanes.
    private static let acceptedMax = (memoryKibibytes: 262_144, passes: 10, lanes: 4)

    /// A PHC string with a new salt.
    static func hash(_ password: String) throws -> String {
        var random = SystemRandomNumberGenerator()
        let salt = (0..<saltBytes).map { _ in UInt8.random(in: 0...255, using: &random) }
        var encoded = [CChar](repeating: 0, count: encodedBytesMax)
        let password = Array(password.utf8)
        let code = argon2id_hash_encoded(
            passes,
            memoryKibibytes,
            lanes,
            password,
            password.count,
            salt,
            salt.count,
            hashBytes,
            &encoded,
            encoded.count
        )
        // The parameters are fixed, so what is left is that 19 MiB could not be had.
        guard code == ARGON2_OK.rawValue else { throw ChatError.unavailable }
        return String(decoding: encoded.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// How a password and a string go together.
    enum Verdict {
        case match
        case mismatch
        /// The string is damaged, or of another kind, or asks for too much.
        case unusable
    }

    /// Checks the password with the string's own parameters. libargon2 compares in constant time.
    ///
    /// Throws `unavailable` when the memory cannot be had: that is no verdict about the password.
    static func check(_ password: String, against encoded: String) throws -> Verdict {
        guard isAcceptable(encoded) else { return .unusable }
        let password = Array(password.utf8)
        switch argon2id_verify(encoded, password, password.count) {
        case ARGON2_OK.rawValue: return .match
        case ARGON2_VERIFY_MISMATCH.rawValue: return .mismatch
        case ARGON2_MEMORY_ALLOCATION_ERROR.rawValue: throw ChatError.unavailable
        default: return .unusable
        }
    }

    /// Whether the string is one of argon2id and does not ask for more than we would ever store.
    static func isAcceptable(_ encoded: String) -> Bool {
        guard encoded.utf8.count <= encodedBytesMax, let cost = parameters(of: encoded) else { return false }
        return (8...acceptedMax.memoryKibibytes).contains(cost.memoryKibibytes)
            && (1...acceptedMax.passes).contains(cost.passes) && (1...acceptedMax.lanes).contains(cost.lanes)
    }

    /// Reads `$argon2id$v=19$m=19456,t=2,p=1$…$…`.
    static func parameters(of encoded: String) -> (memoryKibibytes: Int, passes: Int, lanes: Int)? {
        let parts = encoded.split(separator: "$", omittingEmptySubsequences: false)
        guard parts.count == 6, parts[0].isEmpty, parts[1] == "argon2id", parts[2] == "v=19" else { return nil }
        let fields = parts[3].split(separator: ",")
        guard fields.count == 3, fields[0].hasPrefix("m="), fields[1].hasPrefix("t="), fields[2].hasPrefix("p="),
            let memory = Int(fields[0].dropFirst(2)), let passes = Int(fields[1].dropFirst(2)),
            let lanes = Int(fields[2].dropFirst(2))
        else { return nil }
        return (memory, passes, lanes)
    }
}
