import Testing

@testable import ChatCtl

@Suite struct PlacementTests {
    private func sockets(_ storage: String, isRoot: Bool = false, runtime: String? = nil) -> String {
        Placement.sockets(storage: storage, isRoot: isRoot, userID: 1000, runtimeDirectory: runtime)
    }

    @Test("sockets are with the data where their path fits")
    func inside() {
        #expect(sockets("/home/alice/chat/.chat") == "/home/alice/chat/.chat/run")
    }

    @Test("the longest path that fits has 107 bytes with PostgreSQL's lock file")
    func limit() {
        let longest = String(repeating: "a", count: 107 - "/.s.PGSQL.5432.lock".utf8.count - 1)
        #expect(Placement.fitsSockets("/" + longest))
        #expect(!Placement.fitsSockets("/a" + longest))
    }

    @Test("a path that is too long, or has characters that URLs mind, is replaced by a short one")
    func elsewhere() {
        let long = "/" + String(repeating: "a", count: 100)
        #expect(sockets(long).wholeMatch(of: /\/tmp\/chat-[0-9a-f]{12}-1000/) != nil)
        #expect(sockets("/home/a b/.chat").hasPrefix("/tmp/chat-"))
        #expect(sockets(long, isRoot: true).wholeMatch(of: /\/run\/chat-[0-9a-f]{12}/) != nil)
        #expect(sockets(long, runtime: "/run/user/1000").hasPrefix("/run/user/1000/chat-"))
        #expect(sockets(long, runtime: long).hasPrefix("/tmp/chat-"))
    }

    @Test("places outside are named after the data directory, and differ")
    func outside() {
        let first = Placement.outside(dataDirectory: "/root/chat/.chat", attempt: 0)
        #expect(first == Placement.outside(dataDirectory: "/root/chat/.chat", attempt: 0))
        #expect(first != Placement.outside(dataDirectory: "/root/chat2/.chat", attempt: 0))
        #expect(Placement.outside(dataDirectory: "/root/chat/.chat", attempt: 1) == first + "-2")
    }
}
