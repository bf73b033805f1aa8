import Domain
import EngineIO
import Logging
import NIOCore
import NIOHTTP1

/// Lets uploads in: only of somebody who is signed in, not too often, and not too many at once. Decided before the
/// bytes are read, so that nobody else fills the memory with them.
struct UploadDoor: Sendable {
    /// How long an image may be on its way: 5 MiB on a line with 350 kbit/s.
    static let timeout = TimeAmount.seconds(120)

    let api: API
    let origins: OriginPolicy
    let slots = UploadSlots()
    let logger: Logger

    /// Nil for a request that uploads nothing.
    func rule(_ head: HTTPRequestHead) -> HTTPConnectionHandler.BodyRule? {
        guard head.method == .POST, Self.isUpload(head.uri.prefix { $0 != "?" }) else { return nil }
        return HTTPConnectionHandler.BodyRule(bytesMax: api.chat.policy.attachmentBytesMax, timeout: Self.timeout) {
            await admit(head)
        }
    }

    private static func isUpload(_ path: Substring) -> Bool {
        path.hasPrefix("/api/v1/rooms/") && path.hasSuffix("/attachments")
    }

    private func admit(_ head: HTTPRequestHead) async -> HTTPConnectionHandler.Admission {
        do {
            guard origins.allows(head.headers) else { throw ChatError.forbidden }
            let identity = try await api.identify(
                authorization: head.headers.first(name: "authorization"),
                cookies: head.headers["cookie"],
                // Where the request comes from is looked at with the rest of it.
                address: nil
            )
            let permit = try slots.take(for: identity.user.id)
            try api.chat.admitUpload(by: identity)
            return .granted(permit: permit)
        } catch {
            let (status, headers, body) = ProblemMiddleware.refusal(error, logger: logger)
            return .refused(status, headers: headers, body: body)
        }
    }
}
