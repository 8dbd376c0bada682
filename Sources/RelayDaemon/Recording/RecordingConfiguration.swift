import CallRecording

/// How calls are recorded: `--recording-dir` and what goes with it.
struct RecordingConfiguration: Sendable, Equatable {
    /// `--recording-dir`: absolute, without a slash at its end.
    var directory: String
    /// `--recording-format`.
    var framing = CaptureFraming.raw
    /// `--recording-dir-mode`: of directories that are made.
    var directoryMode: UInt32 = 0o750
    /// `--recording-file-mode`.
    var fileMode: UInt32 = 0o640
    /// `--recording-method` if it is another one than pcap, which is used instead.
    var ignoredMethod: String?
}
