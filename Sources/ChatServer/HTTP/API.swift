import Domain
import EngineIO
import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOHTTP1

/// The REST API under `/api/v1`, and the browser client's files.
struct API: Sendable {
    let chat: Chat
    let broadcasts: Broadcasts
    let markers: ReadMarkers
    let presence: Presence
    let publicFolder: String
    let logger: Logger

    func responder() -> some HTTPResponder<RequestScope> {
        let router = router()
        router.refuseOtherMethods(below: "/api/")
        return router.buildResponder()
    }

    /// Public/api/openapi.json describes what is registered here; a test compares the two.
    func router() -> Router<RequestScope> {
        let router = Router(context: RequestScope.self, options: .autoGenerateHeadEndpoints)
        router.add(middleware: SecurityHeaders())
        router.add(middleware: ProblemMiddleware(logger: logger))
        router.add(middleware: CompressedFiles())
        router.add(middleware: FileMiddleware(publicFolder, searchForIndexHtml: true, logger: logger))
        addFormRoutes(to: router)
        let api = router.group("api/v1").add(middleware: PrivateAnswers())
        addSessionRoutes(to: api)
        addAccountRoutes(to: api)
        addUserRoutes(to: api)
        addInviteRoutes(to: api)
        addBanRoutes(to: api)
        addAuditRoutes(to: api)
        addRoomRoutes(to: api)
        addMessageRoutes(to: api)
        addAttachmentRoutes(to: api)
        return router
    }

    /// Who sent the request: a bearer token, else the browser's cookie.
    func identify(_ request: Request, _ scope: RequestScope) async throws -> Identity {
        try await identify(
            authorization: request.headers[.authorization],
            cookies: request.headers[values: .cookie],
            address: scope.origin.address
        )
    }

    func identify(authorization: String?, cookies: [String], address: String?) async throws -> Identity {
        let bearer = authorization.flatMap { value in
            value.hasPrefix("Bearer ") ? String(value.dropFirst("Bearer ".count)) : nil
        }
        guard let secret = bearer ?? BrowserCookie.session.value(in: cookies) else {
            throw ChatError.unauthenticated
        }
        return try await chat.authenticate(secret: secret, address: address)
    }

    /// The body, where the request has one.
    func decodeIfPresent<Value: Decodable>(_ type: Value.Type, _ request: Request) async throws -> Value? {
        let body = try await request.body.collect(upTo: FrontDoor.apiBodyBytesMax)
        guard body.readableBytes > 0 else { return nil }
        return try Self.decoder.decode(type, from: Data(body.readableBytesView))
    }

    func decode<Value: Decodable>(_ type: Value.Type, _ request: Request) async throws -> Value {
        let body = try await request.body.collect(upTo: FrontDoor.apiBodyBytesMax)
        return try Self.decoder.decode(type, from: Data(body.readableBytesView))
    }

    /// Takes times with and without a fraction: RFC 3339 leaves it to whoever writes them.
    private static var decoder: JSONDecoder {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .custom { decoder in
            let container = try decoder.singleValueContainer()
            let text = try container.decode(String.self)
            for style in [Date.ISO8601FormatStyle(includingFractionalSeconds: true), Date.ISO8601FormatStyle()] {
                if let date = try? Date(text, strategy: style) { return date }
            }
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a time in RFC 3339")
        }
        return decoder
    }

    /// A query parameter that is a whole number; nil when it is missing.
    func number(_ name: String, _ query: [String: String]) throws -> Int64? {
        guard let text = query[name] else { return nil }
        guard let number = Int64(text) else {
            throw ChatError.invalid(field: name, message: "\(name) has to be a whole number.")
        }
        return number
    }

    /// What makes a request that is repeated the same one. Throws `invalid` when it is missing.
    func idempotencyKey(_ request: Request) throws -> String {
        guard let key = request.headers[HTTPField.Name("Idempotency-Key")!] else {
            throw ChatError.invalid(field: "Idempotency-Key", message: "Send an Idempotency-Key header.")
        }
        return key
    }

    /// Has an error of `body` name the field as REST does, where the use case calls it `known`.
    func naming<Value>(_ field: String, for known: String, _ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch let error as ChatError {
            throw error.renamingField(known, to: field)
        }
    }

    /// A path parameter that is an id; one that is none names nothing.
    func parameter<ID: LosslessStringConvertible>(_ name: String, as type: ID.Type, _ scope: RequestScope) throws -> ID
    {
        guard let id = scope.parameters.get(name).flatMap({ ID($0) }) else { throw ChatError.notFound }
        return id
    }
}
