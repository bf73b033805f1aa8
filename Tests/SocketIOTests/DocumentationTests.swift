import Foundation
import Testing

@Suite struct DocumentationTests {
    @Test("the server that the documentation shows is the one that is built")
    func example() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..")
        let page = try String(contentsOf: root.appending(path: "docs/socketio.md"), encoding: .utf8)
        let example = try String(contentsOf: root.appending(path: "docs/example/main.swift"), encoding: .utf8)
        #expect(page.contains("```swift\n\(example)```\n"))
    }
}
