import CallRecording
import Testing

@testable import RelayDaemon

@Suite("Options about recording")
struct RecordingOptionTests {
    private static func recording(_ arguments: String...) throws -> RecordingConfiguration? {
        try loader().load(arguments: arguments).configuration.recording
    }

    @Test("Without a directory nothing is recorded, and with one as rtpengine does it by default")
    func defaults() throws {
        #expect(try Self.recording() == nil)
        #expect(try Self.recording("--recording-format=eth") == nil)
        #expect(
            try Self.recording("--recording-dir=/var/spool//rtpengine/")
                == RecordingConfiguration(directory: "/var/spool/rtpengine"))
    }

    @Test("Every option is obeyed, and another method is kept for the log")
    func all() throws {
        let recording = try #require(
            try Self.recording(
                "--recording-dir", "/r", "--recording-format", "eth", "--recording-method", "proc",
                "--recording-dir-mode=0777", "--recording-file-mode=600"))
        #expect(recording.framing == .ethernet)
        #expect(recording.ignoredMethod == "proc")
        #expect(recording.directoryMode == 0o777)
        #expect(recording.fileMode == 0o600)
    }

    @Test(
        "What cannot be meant stops the start",
        arguments: [
            "--recording-dir=relative", "--recording-dir=/a/../b", "--recording-dir=/",
            "--recording-format=wav", "--recording-method=tape", "--recording-dir-mode=0400",
            "--recording-dir-mode=8", "--recording-file-mode=0444", "--recording-file-mode=777777",
        ])
    func wrong(argument: String) {
        #expect(throws: ConfigurationError.self) { try Self.recording(argument) }
    }
}
