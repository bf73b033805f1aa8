import Domain
import Foundation
import HTTPTypes
import Hummingbird

// The pages before the chat, as plain forms: they work before any script of theirs has come.
//
// The front door has looked at the request's origin by then, so a form of another site gets no further.

extension API {
    func addFormRoutes(to router: Router<RequestScope>) {
        router.get("/") { request, _ in
            // Without a session the whole chat would be loaded only to be left. A browser takes the fragment along, with
            // the room, the invite or the setup token in it.
            guard BrowserCookie.session.value(in: request.headers[values: .cookie]) == nil else {
                throw HTTPError(.notFound)  // goes on to the file
            }
            return Self.seeOther("/login/" + (request.uri.query.map { "?\($0)" } ?? ""))
        }
        router.post("login") { request, scope in
            await enter(from: "/login/") {
                let form = try await decodeForm(LogInForm.self, request)
                let signedIn = try await logIn(name: form.name, password: form.password, request, scope)
                return try welcome(signedIn, request, scope)
            }
        }
        router.post("signup") { request, scope in
            await enter(from: "/signup/") {
                let form = try await decodeForm(SignUpRequest.self, request)
                let signedIn = try await chat.signUp(
                    name: form.name,
                    displayName: form.display_name?.filled,
                    password: form.password,
                    invite: form.invite?.filled,
                    client: client(request, scope)
                )
                broadcasts.updated(signedIn.user)
                return try welcome(signedIn, request, scope)
            }
        }
        router.post("setup") { request, scope in
            await enter(from: "/setup/") {
                let form = try await decodeForm(SetupRequest.self, request)
                let signedIn = try await chat.setUp(
                    token: form.token,
                    name: form.name,
                    password: form.password,
                    client: client(request, scope)
                )
                return try welcome(signedIn, request, scope)
            }
        }
    }

    /// Goes to the chat with the cookies of `welcome`, or back to the form: its page shows the text for the error's
    /// code, which is its fragment.
    private func enter(from page: String, _ signIn: () async throws -> Response) async -> Response {
        do {
            var response = Self.seeOther("/")
            for field in try await signIn().headers where field.name == .setCookie { response.headers.append(field) }
            return response
        } catch {
            let code = error is DecodingError ? "invalid" : ErrorView(error, logger: logger).code
            return Self.seeOther("\(page)#\(code)")
        }
    }

    private static func seeOther(_ address: String) -> Response {
        Response(status: .seeOther, headers: [.location: address, .cacheControl: "no-store"])
    }

    private func decodeForm<Form: Decodable>(_ type: Form.Type, _ request: Request) async throws -> Form {
        let body = try await request.body.collect(upTo: FrontDoor.apiBodyBytesMax)
        return try URLEncodedFormDecoder().decode(type, from: String(buffer: body))
    }
}

extension String {
    /// A browser sends a field that was left empty as an empty text.
    fileprivate var filled: String? { isEmpty ? nil : self }
}

/// Without what only a program can ask for.
private struct LogInForm: Decodable {
    var name: String
    var password: String
}
