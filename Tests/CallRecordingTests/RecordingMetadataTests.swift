import Testing

@testable import CallRecording

/// The text that rtpengine 10.5 wrote for the same events.
@Suite("Metadata of recordings")
struct RecordingMetadataTests {
    private static let time = RecordingTime(year: 2026, month: 11, day: 21, hour: 14, minute: 50, second: 51)

    private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    @Test("A whole file reads as rtpengine's")
    func wholeFile() {
        let offer = RecordingMetadata.Description(
            mode: "offer", sdp: Array("v=0\r\n".utf8), unixMicroseconds: 1_795_272_651_741_086)
        var answer = offer
        answer.mode = "answer"
        answer.label = "callee\n"
        let bytes =
            RecordingMetadata.opening(capturePath: "/r/pcaps/x.pcap")
            + RecordingMetadata.block(offer, beforePacket: 1)
            + RecordingMetadata.block(answer, beforePacket: 12)
            + RecordingMetadata.closing(terminated: 0, start: Self.time, end: Self.time, metadata: "late")
        #expect(
            Self.text(bytes) == """
                /r/pcaps/x.pcap


                Timestamp started ms: 1795272651741.086
                SDP mode: offer
                SDP before RTP packet: 1

                v=0\r

                Label: callee\u{20}
                Timestamp started ms: 1795272651741.086
                SDP mode: answer
                SDP before RTP packet: 12

                v=0\r

                Timestamp terminated ms(first monologue): 0.000

                call start time: 2026-11-21T14:50:51
                call end time: 2026-11-21T14:50:51


                late

                """)
    }

    @Test("Without metadata of the controller nothing follows the times")
    func withoutMetadata() {
        let bytes = RecordingMetadata.closing(
            terminated: 1_795_272_652_550_903, start: Self.time, end: Self.time, metadata: "")
        #expect(
            Self.text(bytes).hasPrefix("\nTimestamp terminated ms(first monologue): 1795272652550.903\n\n"))
        #expect(Self.text(bytes).hasSuffix("call end time: 2026-11-21T14:50:51\n"))
    }

    @Test("A pause has its line")
    func pause() {
        let bytes = RecordingMetadata.pause(
            isBeginning: true, at: Self.time, unixMicroseconds: 1_795_272_652_550_903)
        #expect(Self.text(bytes) == "\nRecording paused at: 2026-11-21T14:50:51 (1795272652550.903 ms)\n")
    }
}
