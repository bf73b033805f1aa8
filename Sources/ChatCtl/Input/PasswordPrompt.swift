import Foundation

/// Asks for a secret on the terminal without showing it.
enum PasswordPrompt {
    /// - Throws: `Failure` (interrupted) on Ctrl-C. The terminal is as before in any case.
    static func ask(_ prompt: String) throws(Failure) -> String {
        var before = termios()
        guard tcgetattr(STDIN_FILENO, &before) == 0 else {
            throw Failure(.usage, "there is no terminal to ask for the password")
        }
        var silent = before
        // Without ISIG Ctrl-C arrives as a byte, so that the terminal can be restored before the command ends.
        silent.c_lflag &= ~tcflag_t(ECHO | ICANON | ISIG)
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent)
        defer {
            tcsetattr(STDIN_FILENO, TCSAFLUSH, &before)
            Console.write("\n", to: STDERR_FILENO)
        }
        Console.write(prompt, to: STDERR_FILENO)
        var line = LineEditor()
        while true {
            var byte: UInt8 = 0
            let count = read(STDIN_FILENO, &byte, 1)
            if count < 0, errno == EINTR { continue }
            guard count == 1 else { throw Failure(.usage, "the terminal was closed") }
            switch line.take(byte) {
            case .more: continue
            case .done(let text): return text
            case .interrupted: throw .interrupted
            }
        }
    }
}

/// What a terminal does with the keys of a line, for a line that it does not show.
struct LineEditor {
    enum Outcome: Equatable {
        case more
        case done(String)
        case interrupted
    }

    private var bytes: [UInt8] = []

    mutating func take(_ byte: UInt8) -> Outcome {
        switch byte {
        case UInt8(ascii: "\n"), UInt8(ascii: "\r"):
            return .done(String(decoding: bytes, as: UTF8.self))
        case 0x03:  // Ctrl-C
            return .interrupted
        case 0x04:  // Ctrl-D
            return bytes.isEmpty ? .interrupted : .done(String(decoding: bytes, as: UTF8.self))
        case 0x7f, 0x08:  // backspace: the whole character, not its last byte
            while let last = bytes.popLast(), last & 0xc0 == 0x80 {}
        case 0x15:  // Ctrl-U
            bytes = []
        default:
            bytes.append(byte)
        }
        return .more
    }
}
