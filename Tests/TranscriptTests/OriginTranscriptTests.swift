import CallControl
import ControlProtocols
import Foundation
import Testing
import WireFormat

/// One line of `rtpengine-10.5.3.5-origins.txt`, whose head explains it.
private struct RecordedOrigins: Decodable {
    struct Step: Decodable {
        var command: String
        var origin: String
        var name: String
        var port: Int
        var from: String
        var to: String?
        var branch: String?
        var shown: [String]
        var why: String?
        var ours: String?
    }

    var replace: [String]
    var steps: [Step]
}

/// Names, versions and addresses of `o=` and `s=` as rtpengine 10.5 keeps them, over re-offers and forks.
@Suite struct OriginTranscriptTests {
    private static func message(_ step: RecordedOrigins.Step, replace: [String]) -> OfferAnswer {
        let lines = [
            "v=0", "o=\(step.origin)", "s=\(step.name)", "c=IN IP4 198.51.100.1", "t=0 0",
            "m=audio \(step.port) RTP/AVP 8 0",
        ]
        var message = OfferAnswer(
            selector: CallSelector(
                callID: "c", fromTag: step.from, toTag: step.to, viaBranch: step.branch),
            sdp: Array(lines.map { $0 + "\r\n" }.joined().utf8))
        message.options.replacesOrigin = replace.contains("origin")
        message.options.replacesUsername = replace.contains("username")
        message.options.replacesSessionName = replace.contains("session-name")
        message.options.replacesSDPVersion = replace.contains("sdp-version")
        return message
    }

    @Test func originsEqualThoseOfRtpengine() throws {
        let folder = try #require(Bundle.module.resourceURL).appendingPathComponent("Fixtures")
        let file = folder.appendingPathComponent("rtpengine-10.5.3.5-origins.txt")
        let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
        let calls = try lines.filter { !$0.hasPrefix("#") }.map {
            try JSONDecoder().decode(RecordedOrigins.self, from: Data($0.utf8))
        }
        #expect(calls.count == 9)
        let interface = try PureRelay.interface("lo", "127.0.0.1")
        let now = SignallingTime(monotonic: MonotonicTime(seconds: 1), unixMicroseconds: 1_000_000)
        for call in calls {
            var table = CallTable(settings: RelaySettings(interfaces: [interface]))
            let ports = CountedPorts()
            for (number, step) in call.steps.enumerated() {
                let message = Self.message(step, replace: call.replace)
                let outcome =
                    step.command == "offer"
                    ? try table.offer(message, at: now, ports: ports)
                    : try table.answer(message, at: now, ports: ports)
                let written = String(decoding: outcome.sdp, as: UTF8.self).split(separator: "\r\n")
                let shown = written.filter { $0.hasPrefix("o=") || $0.hasPrefix("s=") }
                    .map { String($0.dropFirst(2)) }
                let expected = [step.ours ?? step.shown[0], step.shown[1]]
                #expect(shown == expected, "\(call.replace), step \(number)")
                #expect((step.ours == nil) == (step.why == nil) && step.ours != step.shown[0])
            }
        }
    }
}
