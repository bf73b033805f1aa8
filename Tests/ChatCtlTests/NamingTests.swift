import Testing

@testable import ChatCtl

@Suite("Naming")
struct NamingTests {
    private let known = ["i-1", "i-12", "j-2"]

    @Test("a whole name wins over names that begin with it")
    func exact() throws {
        #expect(try Naming.find("i-1", in: known, as: "instance", by: \.self) == "i-1")
    }

    @Test("the beginning of one name is enough")
    func prefix() throws {
        #expect(try Naming.find("j", in: known, as: "instance", by: \.self) == "j-2")
    }

    @Test("the beginning of several names is refused with those names")
    func ambiguous() {
        let failure = #expect(throws: Failure.self) { try Naming.find("i-", in: known, as: "instance", by: \.self) }
        #expect(failure?.kind == .invalid)
        #expect(failure?.message.contains("i-1, i-12") == true)
    }

    @Test("an unknown name is not found, and the nearest one is offered")
    func unknown() {
        let failure = #expect(throws: Failure.self) { try Naming.find("k-2", in: known, as: "instance", by: \.self) }
        #expect(failure?.kind == .notFound)
        #expect(failure?.hint == "did you mean j-2?")
    }
}
