import Domain
import Testing

@testable import Credentials

@Suite("Passwords")
struct PasswordHasherTests {
    @Test("a hash is argon2id with our parameters, salted, and only its password fits")
    func hash() async throws {
        let hasher = PasswordHasher()
        let hash = try await hasher.hash("correct horse")
        #expect(hash.hasPrefix("$argon2id$v=19$m=19456,t=2,p=1$"))
        #expect(try await hasher.hash("correct horse") != hash)
        #expect(try await hasher.verify("correct horse", against: hash))
        #expect(try await !hasher.verify("correct horsf", against: hash))
        #expect(try await !hasher.verify("", against: hash))
    }

    @Test("the hash for unknown names is accepted and costs what ours cost")
    func dummy() throws {
        #expect(Argon2.isAcceptable(Chat.dummyPasswordHash))
        let dummy = try #require(Argon2.parameters(of: Chat.dummyPasswordHash))
        #expect(dummy == (Int(Argon2.memoryKibibytes), Int(Argon2.passes), Int(Argon2.lanes)))
        #expect(try Argon2.check("x", against: Chat.dummyPasswordHash) == .mismatch)
    }

    @Test("the parameters are read from the string, so that old hashes keep working")
    func otherParameters() async throws {
        // From the reference implementation's tests.
        let hash = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
        #expect(try await PasswordHasher().verify("password", against: hash))
    }

    @Test(
        "a string that is damaged, of another kind, too long or too dear is refused",
        arguments: [
            "", "plain", "$argon2i$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$AAAA", "$argon2id$v=19$m=9999999,t=2,p=1$c29t$AAAA",
            "$argon2id$v=19$m=19456,t=99,p=1$c29tZXNhbHQ$AAAA", "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$",
            "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$" + String(repeating: "A", count: 300),
        ]
    )
    func refused(hash: String) async throws {
        #expect(try await !PasswordHasher().verify("password", against: hash))
    }

    @Test("over the queue's length calls are refused at once, and what was accepted is done")
    func bounded() async throws {
        let threads = WorkThreads(name: "test", count: 2, queuedMax: 32)
        let gate = Gate()
        let outcomes = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<100 {
                group.addTask { (try? await threads.run { gate.wait() }) != nil }
            }
            // All that do not fit are refused while nothing is done yet.
            var outcomes: [Bool] = []
            while outcomes.count < 66, let outcome = await group.next() { outcomes.append(outcome) }
            #expect(outcomes.allSatisfy { !$0 })
            gate.open()
            for await outcome in group { outcomes.append(outcome) }
            return outcomes
        }
        // 32 wait and 2 run, unless the threads were late to take the first two.
        #expect((32...34).contains(outcomes.filter(\.self).count))
    }
}

@Suite("Tokens")
struct TokenTests {
    @Test("a secret is 256 bits as base64url, new each time, and its hash is SHA-256")
    func tokens() {
        let issuer = TokenIssuer()
        let token = issuer.newToken()
        #expect(token.secret.count == 43)
        #expect(token.secret.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") })
        #expect(issuer.hash(of: token.secret) == token.hash)
        #expect(issuer.newToken().secret != token.secret)
        #expect(issuer.hash(of: "abc").prefix(4) == [0xBA, 0x78, 0x16, 0xBF])
        #expect(issuer.hash(of: "abc").count == 32)
    }

    @Test("base64url follows RFC 4648")
    func base64() {
        #expect(Base64URL.encode([]) == "")
        #expect(Base64URL.encode(Array("f".utf8)) == "Zg")
        #expect(Base64URL.encode(Array("fo".utf8)) == "Zm8")
        #expect(Base64URL.encode(Array("foo".utf8)) == "Zm9v")
        #expect(Base64URL.encode([0xFB, 0xFF, 0xBF]) == "-_-_")
    }

    @Test("secrets are compared whole")
    func comparison() {
        #expect(equalInConstantTime([1, 2, 3], [1, 2, 3]))
        #expect(!equalInConstantTime([1, 2, 3], [1, 2, 4]))
        #expect(!equalInConstantTime([1, 2, 3], [1, 2]))
        #expect(equalInConstantTime([UInt8](), []))
    }
}
