import Dispatch
import Domain
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Asks the system for the addresses of a host.
enum HostAddresses {
    /// The system's call blocks, and nothing ends it early: it gets threads on which nobody else waits.
    private static let threads = DispatchQueue(label: "webhook-names", attributes: .concurrent)

    /// In the order in which the system would try them. Empty for a host that does not exist, and when the task is
    /// cancelled before there is an answer.
    static func find(_ host: String) async -> [IPAddress] {
        if let address = IPAddress(host) { return [address] }
        let answer = Answer()
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                answer.wait(continuation)
                threads.async { answer.give(ask(host)) }
            }
        } onCancel: {
            answer.give([])
        }
    }

    /// The first answer counts, and whoever comes later finds nobody waiting.
    private final class Answer: Sendable {
        private struct State {
            var waiting: CheckedContinuation<[IPAddress], Never>?
            var given: [IPAddress]?
        }

        private let state = Mutex(State())

        func wait(_ continuation: CheckedContinuation<[IPAddress], Never>) {
            let given = state.withLock { state in
                if state.given == nil { state.waiting = continuation }
                return state.given
            }
            if let given { continuation.resume(returning: given) }
        }

        func give(_ addresses: [IPAddress]) {
            let waiting = state.withLock { state in
                if state.given == nil { state.given = addresses }
                defer { state.waiting = nil }
                return state.waiting
            }
            waiting?.resume(returning: addresses)
        }
    }

    private static func ask(_ host: String) -> [IPAddress] {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_ADDRCONFIG
        var first: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, nil, &hints, &first) == 0 else { return [] }
        defer { freeaddrinfo(first) }
        var addresses: [IPAddress] = []
        var next = first
        while let entry = next?.pointee {
            // A scope behind an address of IPv6 (`fe80::1%eth0`) makes it none here, and it could not be used anyway.
            if let address = numeric(entry) { addresses.append(address) }
            next = entry.ai_next
        }
        return addresses
    }

    private static func numeric(_ entry: addrinfo) -> IPAddress? {
        var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        let length = socklen_t(text.count)
        guard getnameinfo(entry.ai_addr, entry.ai_addrlen, &text, length, nil, 0, NI_NUMERICHOST) == 0 else {
            return nil
        }
        return IPAddress(String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self))
    }
}
