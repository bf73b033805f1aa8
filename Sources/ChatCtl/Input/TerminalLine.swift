import Foundation

/// Asks for a line on the terminal that may be seen.
enum TerminalLine {
    /// A terminal never gives more of one line (N_TTY_BUF_SIZE).
    private static let bytesMax = 4096

    /// - Returns: What was typed, without its newline.
    /// - Throws: `Failure` (interrupted) on Ctrl-C and Ctrl-D. The terminal is as before in any case.
    static func ask(_ prompt: String) throws(Failure) -> String {
        var before = termios()
        guard tcgetattr(STDIN_FILENO, &before) == 0 else {
            throw Failure(.usage, "there is no terminal to ask at")
        }
        var changed = before
        // Ctrl-C shall end the line instead of the process, so that "nothing changed" can be said.
        let interrupt = UInt8(0x03)
        changed.c_lflag &= ~tcflag_t(ISIG)
        withUnsafeMutableBytes(of: &changed.c_cc) { $0[Int(VEOL)] = interrupt }
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &changed)
        defer { tcsetattr(STDIN_FILENO, TCSAFLUSH, &before) }
        Console.write(prompt, to: STDERR_FILENO)
        var bytes = [UInt8](repeating: 0, count: bytesMax)
        while true {
            let count = read(STDIN_FILENO, &bytes, bytes.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0, bytes[count - 1] != interrupt else {
                Console.write("\n", to: STDERR_FILENO)
                throw .interrupted
            }
            let line = bytes[..<count].prefix { $0 != UInt8(ascii: "\n") }
            return String(decoding: line, as: UTF8.self)
        }
    }
}
