/// The text beside a capture, line for line as rtpengine 10.5 writes it: the capture's path, each SDP that was handed
/// out with when it came, the times of the call, and what the controller said of it.
public enum RecordingMetadata {
    /// The first lines.
    public static func opening(capturePath: String) -> [UInt8] { Array("\(capturePath)\n\n".utf8) }

    /// An SDP that was handed out.
    public struct Description: Sendable, Hashable {
        /// `offer`, `answer` or the like: the command.
        public var mode: String
        /// The SDP as it went out.
        public var sdp: [UInt8]
        /// The label of who sent the command.
        public var label: String?
        /// When, in microseconds since 1970.
        public var unixMicroseconds: Int64

        /// A description without a label.
        public init(mode: String, sdp: [UInt8], label: String? = nil, unixMicroseconds: Int64) {
            self.mode = mode
            self.sdp = sdp
            self.label = label
            self.unixMicroseconds = unixMicroseconds
        }
    }

    /// The block about an SDP.
    ///
    /// - Parameters:
    ///   - description: the SDP.
    ///   - packet: the number in the capture, from 1, of the packet that comes next.
    public static func block(_ description: Description, beforePacket packet: UInt64) -> [UInt8] {
        var text = ""
        if let label = description.label { text += "\nLabel: \(Self.line(label))" }
        text += "\nTimestamp started ms: \(Self.milliseconds(description.unixMicroseconds))"
        text += "\nSDP mode: \(Self.line(description.mode))\nSDP before RTP packet: \(packet)\n\n"
        return Array(text.utf8) + description.sdp
    }

    /// The lines about a pause, which rtpengine writes since 13.
    public static func pause(isBeginning: Bool, at time: RecordingTime, unixMicroseconds: Int64) -> [UInt8] {
        let word = isBeginning ? "paused" : "resumed"
        return Array(
            "\nRecording \(word) at: \(time.text) (\(Self.milliseconds(unixMicroseconds)) ms)\n".utf8)
    }

    /// A line of ours about what is missing.
    public static func remark(_ text: String) -> [UInt8] { Array("\n\(Self.line(text))\n".utf8) }

    /// The last lines.
    ///
    /// - Parameters:
    ///   - terminated: when the call ended, in microseconds since 1970; 0 if it goes on.
    ///   - start: when the call began.
    ///   - end: when the recording ended.
    ///   - metadata: the controller's words.
    public static func closing(
        terminated: Int64, start: RecordingTime, end: RecordingTime, metadata: String?
    ) -> [UInt8] {
        var text = "\nTimestamp terminated ms(first monologue): \(Self.milliseconds(terminated))"
        text += "\n\ncall start time: \(start.text)\ncall end time: \(end.text)\n"
        if let metadata, !metadata.isEmpty { text += "\n\n\(metadata)\n" }
        return Array(text.utf8)
    }

    private static func milliseconds(_ microseconds: Int64) -> String {
        let positive = max(0, microseconds)
        return "\(positive / 1000).\(RecordingTime.padded(Int(positive % 1000), 3))"
    }

    /// A text that stays on its line.
    private static func line(_ text: String) -> String {
        String(decoding: text.utf8.map { $0 < 0x20 || $0 == 0x7F ? 0x20 : $0 }, as: UTF8.self)
    }
}
