/// Why a text is not a session description; every error names the line (RFC 8866).
public struct SDPError: Error, Hashable, Sendable {
    /// The line counted from 1; zero when the text as a whole is at fault.
    public var line: Int
    /// What is wrong with it, in words for a log.
    public var reason: String
    /// True if the text is SDP but says too little to relay (no connection address, no media).
    public var isIncomplete: Bool

    /// An error of a line.
    public init(line: Int, reason: String, isIncomplete: Bool = false) {
        self.line = line
        self.reason = reason
        self.isIncomplete = isIncomplete
    }
}
