import Domain
import EngineIO
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import NIOHTTP1
import Views

// Images come and go as they are, not as JSON. Browsers show them from here, so what one of them could be mistaken for
// decides about the headers.

extension API {
    /// An image is read and written in slices, so that it costs no more memory while somebody slow takes it.
    private static let sliceBytes = 256 * 1_024

    func addAttachmentRoutes(to router: RouterGroup<RequestScope>) {
        router.post("rooms/:room/attachments") { request, scope in
            let identity = try await identify(request, scope)
            let clientID = try idempotencyKey(request)
            let body = try await request.body.collect(upTo: chat.policy.attachmentBytesMax)
            let receipt = try await naming("Idempotency-Key", for: "client_id") {
                try await chat.upload(
                    Array(body.readableBytesView),
                    named: request.query["name"] ?? "",
                    clientID: clientID,
                    to: try room(scope),
                    by: identity
                )
            }
            return try JSONResponse.make(UploadView(receipt), status: receipt.duplicate ? .ok : .created)
        }
        router.get("attachments/:attachment") { request, scope in
            let identity = try await identify(request, scope)
            let id = try parameter("attachment", as: AttachmentID.self, scope)
            let attachment = try await chat.attachment(id, by: identity)
            let tag = "\"\(attachment.id.description.filter { $0 != "-" })\""
            guard !JSONResponse.has(tag, request) else {
                return Response(status: .notModified, headers: Self.caching(tag))
            }
            return Response(
                status: .ok,
                headers: Self.caching(tag) + Self.showing(attachment),
                body: ResponseBody(contentLength: attachment.bytes) { writer in
                    var offset = 0
                    while offset < attachment.bytes {
                        let slice = try await chat.content(of: attachment, from: offset, count: Self.sliceBytes)
                        // It was deleted meanwhile. Half an image must not be taken for the whole one.
                        guard !slice.isEmpty else { throw ChatError.notFound }
                        offset += slice.count
                        try await writer.write(ByteBuffer(bytes: slice))
                    }
                    try await writer.finish(nil)
                }
            )
        }
    }

    /// An image never changes. Whoever logs in after somebody else in the same browser asks anew.
    private static func caching(_ tag: String) -> HTTPFields {
        [.eTag: tag, .cacheControl: "private, max-age=31536000, immutable", .vary: "Cookie, Authorization"]
    }

    /// Whatever the bytes are besides an image, a browser takes them for nothing else, runs nothing in them and gives
    /// them to no page of another site.
    private static func showing(_ attachment: Attachment) -> HTTPFields {
        [
            .contentType: attachment.mediaType.rawValue,
            .contentDisposition: disposition(attachment.name),
            .contentSecurityPolicy: "default-src 'none'; sandbox",
            HTTPField.Name("Cross-Origin-Resource-Policy")!: "same-origin",
        ]
    }

    /// What is left as it is; RFC 8187 allows some more.
    private static let unreserved = CharacterSet(
        charactersIn: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~"
    )

    /// The name in ASCII, and as it is for those who can read that (RFC 6266, section 4.3; RFC 8187).
    private static func disposition(_ name: FileName) -> String {
        let plain = name.description.map { character in
            guard let byte = character.asciiValue, byte >= 0x20, byte < 0x7F, !"\"\\%".contains(character) else {
                return "_"
            }
            return String(character)
        }.joined()
        let encoded = name.description.addingPercentEncoding(withAllowedCharacters: unreserved) ?? plain
        return "inline; filename=\"\(plain)\"; filename*=UTF-8''\(encoded)"
    }
}

struct UploadView: Encodable, Sendable {
    var attachment: AttachmentView
    var duplicate: Bool

    init(_ receipt: UploadReceipt) {
        attachment = AttachmentView(receipt.attachment)
        duplicate = receipt.duplicate
    }
}
