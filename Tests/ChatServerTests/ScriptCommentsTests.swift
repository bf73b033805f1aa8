import Testing

@testable import ChatServer

@Suite("comments of scripts")
struct ScriptCommentsTests {
    private func removed(_ script: String) -> String {
        String(decoding: ScriptComments.removed(from: Array(script.utf8)), as: UTF8.self)
    }

    @Test("lines that are only comments become empty ones, and the others begin with their code")
    func wholeLines() {
        let script = """
            // Why.
            /** One line. */
            function one() {
                /*
                 * Several
                 */
                return 1;
            }
            """
        #expect(removed(script) == "\n\nfunction one() {\n\n\n\nreturn 1;\n}")
    }

    @Test(
        "a line with code stays as it is",
        arguments: [
            "const url = 'https://example.org'; // there", "/** @type {number} */ let count = 0;", "a /* b */ + c;", "",
            "const pattern = /a\\/*b/;",
        ]
    )
    func code(line: String) {
        #expect(removed(line) == line)
        #expect(removed("\(line)\nnext();\n") == "\(line)\nnext();\n")
    }

    @Test("a comment that begins like its own end goes on to the next")
    func shortest() {
        #expect(removed("/*/\nstill\n*/\ncode();") == "\n\n\ncode();")
    }
}
