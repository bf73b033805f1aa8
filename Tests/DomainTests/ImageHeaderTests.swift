import Domain
import TestSupport
import Testing

@Suite("What an image is")
struct ImageHeaderTests {
    private static let files: [(ImageHeader.MediaType, [UInt8])] =
        [
            (.png, TestImage.png(width: 640, height: 480)), (.gif, TestImage.gif(width: 640, height: 480)),
            (.jpeg, TestImage.jpeg(width: 640, height: 480)),
        ] + TestImage.WebP.allCases.map { (.webp, TestImage.webp($0, width: 640, height: 480)) }

    @Test("the bytes say the kind and the size", arguments: files)
    func kinds(type: ImageHeader.MediaType, bytes: [UInt8]) throws {
        let header = try ImageHeader(bytes)
        #expect(header.mediaType == type && header.width == 640 && header.height == 480)
    }

    @Test("the size is asked for no further than the file goes", arguments: files)
    func cut(type: ImageHeader.MediaType, bytes: [UInt8]) {
        for count in 0..<bytes.count - 5 {
            guard let header = try? ImageHeader(Array(bytes.prefix(count))) else { continue }
            #expect(header.mediaType == type)
        }
    }

    @Test(
        "what is no such image is refused",
        arguments: [
            "", "x", "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"9\" height=\"9\"/>", "GIF88a12345678",
            "<html><script>alert(1)</script>", "RIFF....WAVEfmt ", "RIFF....WEBPVP9 ........................",
            "%PDF-1.7", "BM......................................",
        ]
    )
    func others(text: String) {
        #expect {
            try ImageHeader(Array(text.utf8))
        } throws: {
            ($0 as? ChatError)?.code == "invalid" && ($0 as? ChatError)?.field == "content"
        }
    }

    @Test("a JPEG of segments without end, or whose segments have no length, is refused")
    func segments() {
        let note: [UInt8] = [0xFF, 0xE1, 0, 2]
        #expect(throws: ChatError.self) { try ImageHeader([0xFF, 0xD8] + (0..<5_000).flatMap { _ in note }) }
        #expect(throws: ChatError.self) { try ImageHeader([0xFF, 0xD8, 0xFF, 0xE1, 0, 0, 0, 0, 0, 0]) }
        #expect(throws: ChatError.self) { try ImageHeader([0xFF, 0xD8] + [UInt8](repeating: 0xFF, count: 100_000)) }
        #expect(throws: ChatError.self) { try ImageHeader([0xFF, 0xD8, 0xFF, 0xDA, 0, 9, 0, 0, 0, 0, 0, 0, 0]) }
    }

    @Test("whatever the bytes are, what is taken can be shown")
    func noise() {
        for (_, file) in Self.files {
            for _ in 0..<2_000 {
                var bytes = file
                for _ in 0..<Int.random(in: 1...6) { bytes[.random(in: bytes.indices)] = .random(in: 0...255) }
                guard let header = try? ImageHeader(Array(bytes.prefix(.random(in: 0...bytes.count)))) else { continue }
                #expect((1...ImageHeader.sideMax).contains(header.width))
                #expect((1...ImageHeader.sideMax).contains(header.height))
                #expect(header.width * header.height <= ImageHeader.pixelsMax)
            }
        }
    }

    @Test("an image without a size is refused")
    func empty() {
        #expect(throws: ChatError.self) { try ImageHeader(TestImage.png(width: 0, height: 9)) }
        #expect(throws: ChatError.self) { try ImageHeader(TestImage.gif(width: 9, height: 0)) }
    }

    @Test(
        "an image that claims more pixels than a browser can hold is refused, however small its file is",
        arguments: [(16_385, 1), (1, 16_385), (10_000, 5_001), (Int(UInt32.max), Int(UInt32.max))]
    )
    func bombs(width: Int, height: Int) {
        #expect {
            try ImageHeader(TestImage.png(width: width, height: height))
        } throws: {
            ($0 as? ChatError)?.code == "too_large"
        }
    }
}

@Suite("What a file is called")
struct FileNameTests {
    @Test(
        "a name has no folders, nothing that cannot be seen, and the ending of its kind",
        arguments: [
            ("cat.png", "cat.png"), ("Cat.PNG", "Cat.png"), ("cat", "cat.png"), ("cat.html", "cat.html.png"),
            ("../../etc/passwd", "passwd.png"), ("C:\\pictures\\cat.png", "cat.png"), ("", "image.png"),
            (".png", "image.png"), ("...", "image.png"), ("a\u{0}b\r\nc\u{202E}gnp.exe", "abcgnp.exe.png"),
            ("  two   words.png ", "two words.png"), ("a/\u{301}b.png", "\u{301}b.png"), ("猫 🐈.png", "猫 🐈.png"),
        ]
    )
    func names(text: String, expected: String) {
        #expect(FileName(text, of: .png).description == expected)
    }

    @Test("a JPEG may have either of its endings")
    func endings() {
        #expect(FileName("a.jpeg", of: .jpeg).description == "a.jpeg")
        #expect(FileName("a.webp", of: .jpeg).description == "a.webp.jpg")
    }

    @Test("a name is short, whatever its characters are made of")
    func long() {
        #expect(FileName(String(repeating: "x", count: 5_000), of: .gif).description.count == 104)
        let stacked = "a" + String(repeating: "\u{301}", count: 5_000)
        #expect(FileName(stacked, of: .gif).description.utf8.count < 1_000)
    }

    @Test("a name that was made stays as it is")
    func stays() {
        var random = SystemRandomNumberGenerator()
        let parts = [".", " ", "/", "\\", "a", "png", "\u{301}", "\u{202E}", "\u{A0}", "\n", "🐈", "\u{200D}", "\u{0}"]
        let texts = (0..<2_000).map { _ in
            (0..<Int.random(in: 0..<150, using: &random)).map { _ in parts.randomElement(using: &random)! }.joined()
        }
        for text in ["a.b.png", "x .png", ". . .png", "a\u{301}.png"] + texts {
            let name = FileName(text, of: .png)
            #expect(FileName(name.description, of: .png) == name, "\(text.debugDescription)")
            #expect(!name.description.unicodeScalars.contains { $0 == "/" || $0 == "\\" || $0.value < 0x20 })
        }
    }
}
