import NIOCore

/// A moment that travels inside of a payload, `@<nanoseconds>@`, so that whoever receives it in this process knows how long
/// it was under way.
enum Moment {
    private static let origin = ContinuousClock.now

    static func now() -> String {
        let origin = origin  // made at its first use, so it has to come before the moment
        return "@\(Int64((ContinuousClock.now - origin) / .nanoseconds(1)))@"
    }

    /// How long ago the first moment in the text was; nil when there is none.
    static func age(in text: some Collection<UInt8>) -> Duration? {
        let mark = UInt8(ascii: "@")
        var number: Int64?
        var isInside = false
        for byte in text {
            if byte == mark {
                if isInside, let number {
                    return ContinuousClock.now - origin - .nanoseconds(number)
                }
                isInside = true
                number = nil
            } else if isInside {
                guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte), (number ?? 0) < .max / 10 - 10 else {
                    isInside = false
                    continue
                }
                number = (number ?? 0) * 10 + Int64(byte - UInt8(ascii: "0"))
            }
        }
        return nil
    }
}
