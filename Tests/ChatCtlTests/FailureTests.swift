import Domain
import Redis
import Storage
import Testing

@testable import ChatCtl

@Suite struct FailureTests {
    @Test(
        "errors of the domain have the exit codes of sysexits",
        arguments: [
            (ChatError.invalid(field: "name", message: "no"), 65), (.tooLarge(field: "body", message: "no"), 65),
            (.notFound, 67), (.conflict(field: "name", message: "no"), 73), (.forbidden, 77), (.unauthenticated, 77),
            (.unavailable, 69), (.internal, 70), (.rateLimited(retryAfter: .seconds(1)), 75),
        ] as [(ChatError, Int32)]
    )
    func domain(error: ChatError, code: Int32) {
        #expect(Failure(describing: error).kind.rawValue == code)
    }

    @Test("servers that cannot be reached are unavailable, wrong settings are configuration")
    func servers() {
        #expect(Failure(describing: StorageError(.connection, "refused")).kind == .unavailable)
        #expect(Failure(describing: StorageError(.configuration, "bad URL")).kind == .configuration)
        #expect(Failure(describing: RedisError.connectionLost).kind == .unavailable)
        #expect(Failure(describing: RedisError.invalidURL("x")).kind == .configuration)
        #expect(Failure(describing: CancellationError()).kind == .interrupted)
    }

    @Test("an error is a line, a hint is another")
    func text() {
        let failure = Failure(.exists, "user \"\u{1b}[2J\" already exists", hint: "chatctl user ls")
        #expect(
            failure.rendered(json: false) == "error: user \"\\x1b[2J\" already exists\nhint:  chatctl user ls"
        )
    }

    @Test("with --json an error is an object with a code")
    func json() {
        let failure = Failure(.notFound, "no such room")
        #expect(failure.rendered(json: true) == #"{"error":{"code":"not_found","message":"no such room"}}"#)
    }
}
