import Glibc
import Testing

/// A child process with pipes to its input and from its output.
///
/// Foundation's `Process` waits on a run loop and can miss a child's end off the main thread; this cannot.
final class Child {
    private let identifier: pid_t
    private var input: Int32
    private let output: Int32
    private var isReaped = false

    /// Starts a program found on the path; standard error joins standard output if asked for.
    init(_ arguments: [String], joiningErrors: Bool) throws {
        let (inputReader, inputWriter) = try Self.pipe()
        let (outputReader, outputWriter) = try Self.pipe()
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, inputReader, 0)
        posix_spawn_file_actions_adddup2(&actions, outputWriter, 1)
        if joiningErrors { posix_spawn_file_actions_adddup2(&actions, outputWriter, 2) }
        var strings = arguments.map { strdup($0) } + [nil]
        defer { for string in strings { free(string) } }
        var identifier: pid_t = 0
        let result = posix_spawnp(&identifier, arguments[0], &actions, nil, &strings, environ)
        close(inputReader)
        close(outputWriter)
        self.identifier = identifier
        self.input = inputWriter
        self.output = outputReader
        try #require(result == 0, "cannot start \(arguments): \(result)")
    }

    deinit {
        self.closeInput()
        self.wait()
        close(self.output)
    }

    func write(_ text: String) throws {
        let octets = Array(text.utf8)
        let written = Glibc.write(self.input, octets, octets.count)
        try #require(written == octets.count)
    }

    /// What the child printed next; empty at its end.
    func read() -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        let count = Glibc.read(self.output, &buffer, buffer.count)
        return count > 0 ? Array(buffer[..<count]) : []
    }

    /// Everything up to the child's end.
    func readAll() -> String {
        self.closeInput()
        var all: [UInt8] = []
        while true {
            let more = self.read()
            if more.isEmpty { break }
            all += more
        }
        self.wait()
        return String(decoding: all, as: UTF8.self)
    }

    private func closeInput() {
        if self.input >= 0 { close(self.input) }
        self.input = -1
    }

    private func wait() {
        guard !self.isReaped, self.identifier > 0 else { return }
        var status: Int32 = 0
        while waitpid(self.identifier, &status, 0) < 0, errno == EINTR {}
        self.isReaped = true
    }

    private static func pipe() throws -> (reader: Int32, writer: Int32) {
        var ends: [Int32] = [0, 0]
        // Other children must not hold these open, or nobody would see an end.
        let result = Glibc.pipe(&ends)
        try #require(result == 0)
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return (ends[0], ends[1])
    }
}
