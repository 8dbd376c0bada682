import CallControl
import ControlProtocols
import Foundation
import Testing
import WireFormat

/// What a recorded message asked for.
struct RecordedCodecOptions: Decodable {
    struct Codec: Decodable {
        var strip: [String]?
        var except: [String]?
        var offer: [String]?
    }

    var codec: Codec?
    var flags: [String]?

    func apply(to options: inout CodecOptions) {
        options.strip = self.codec?.strip ?? []
        options.except = self.codec?.except ?? []
        options.offer = self.codec?.offer ?? []
        for flag in self.flags ?? [] {
            if flag == "single codec" { options.isSingle = true }
            if flag.hasPrefix("codec-strip-") { options.strip.append(String(flag.dropFirst(12))) }
        }
    }
}

/// One line of `rtpengine-10.5.3.5-codecs.txt`, whose head explains it.
private struct RecordedCodecs: Decodable {
    struct Answer: Decodable {
        var codec: RecordedCodecOptions.Codec?
        var flags: [String]?
        var answer: [String]
        var shown: [String]
        var why: String?
        var ours: [String]?
    }

    var codec: RecordedCodecOptions.Codec?
    var flags: [String]?
    var offer: [String]
    var shown: [String]
    var answers: [Answer]?
    var why: String?
    var ours: [String]?
}

/// Codec lists as rtpengine 10.5 changes them.
@Suite struct CodecListTranscriptTests {
    private static func recorded() throws -> [(text: String, exchange: RecordedCodecs)] {
        let folder = try #require(Bundle.module.resourceURL).appendingPathComponent("Fixtures")
        let file = folder.appendingPathComponent("rtpengine-10.5.3.5-codecs.txt")
        return try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
            .filter { !$0.hasPrefix("#") }
            .map { (String($0), try JSONDecoder().decode(RecordedCodecs.self, from: Data($0.utf8))) }
    }

    private static func message(
        _ sections: [String], address: String, to tag: String?, _ options: RecordedCodecOptions
    ) -> OfferAnswer {
        let lines = ["v=0", "o=- 1 2 IN IP4 \(address)", "s=-", "c=IN IP4 \(address)", "t=0 0"] + sections
        var message = OfferAnswer(
            selector: CallSelector(callID: "c", fromTag: "ft", toTag: tag),
            sdp: Array(lines.map { $0 + "\r\n" }.joined().utf8))
        options.apply(to: &message.options.codecs)
        return message
    }

    /// The formats of the `m=` lines; every line about a codec has to be about one of them.
    private static func formats(_ sdp: [UInt8]) -> [String] {
        let lines = String(decoding: sdp, as: UTF8.self).split(separator: "\r\n")
        let formats = lines.filter { $0.hasPrefix("m=") }.map {
            $0.split(separator: " ", maxSplits: 3).dropFirst(3).joined()
        }
        let known = Set(formats.flatMap { $0.split(separator: " ") })
        for line in lines where ["a=rtpmap:", "a=fmtp:", "a=rtcp-fb:"].contains(where: line.hasPrefix) {
            let format = line.split(separator: ":")[1].prefix { $0 != " " }
            #expect(known.contains(format), "\(line)")
        }
        return formats
    }

    @Test func listsEqualThoseOfRtpengine() throws {
        let exchanges = try Self.recorded()
        #expect(exchanges.count == 57)
        let interface = try PureRelay.interface("pub", "203.0.113.1")
        for (text, recorded) in exchanges {
            var table = CallTable(settings: RelaySettings(interfaces: [interface]))
            let ports = CountedPorts()
            var now = SignallingTime(monotonic: MonotonicTime(seconds: 1), unixMicroseconds: 1_000_000)
            let offer = Self.message(
                recorded.offer, address: "198.51.100.1", to: nil,
                RecordedCodecOptions(codec: recorded.codec, flags: recorded.flags))
            let offered = Self.formats(try table.offer(offer, at: now, ports: ports).sdp)
            #expect(offered == recorded.ours ?? recorded.shown, "\(text)")
            #expect((recorded.ours == nil) == (recorded.why == nil) && recorded.ours != recorded.shown)
            for step in recorded.answers ?? [] {
                now.unixMicroseconds += 1
                let answer = Self.message(
                    step.answer, address: "198.51.100.3", to: "tt",
                    RecordedCodecOptions(codec: step.codec, flags: step.flags))
                let answered = Self.formats(try table.answer(answer, at: now, ports: ports).sdp)
                #expect(answered == step.ours ?? step.shown, "\(text)")
                #expect((step.ours == nil) == (step.why == nil) && step.ours != step.shown)
            }
        }
    }
}
