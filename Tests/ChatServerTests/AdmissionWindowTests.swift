import Testing

@testable import ChatServer

@Suite("The window of admissions")
struct AdmissionWindowTests {
    @Test("what was seen at the last look is told apart from what is new")
    func newcomers() {
        var window = AdmissionWindow(from: 7)
        #expect(window.seen == 7)
        window.look(at: 9)
        #expect(window.seen == 9)
        #expect(window.floor == 7)
    }

    @Test("a number that appears late is above the floor for some looks more")
    func latecomers() {
        var window = AdmissionWindow(from: 0)
        window.look(at: 10)
        for _ in 1..<AdmissionWindow.looksMax { window.look(at: 20) }
        #expect(window.floor == 0)
        window.look(at: 20)
        #expect(window.floor == 10)
    }

    @Test("a look that finds nothing keeps what was seen")
    func nothing() {
        var window = AdmissionWindow(from: 5)
        window.look(at: 8)
        window.look(at: 5)
        #expect(window.seen == 8)
    }
}
