import CallControl
import ControlProtocols
import Testing

/// Commands that choose parties of a call, recorded with rtpengine and replayed through protocol, calls and SDPs.
@Suite struct PartyTranscriptTests {
    @Test func repliesEqualThoseOfRtpengine() throws {
        let transcript = try Transcript("rtpengine-10.5.3.5-parties.txt")
        #expect(transcript.exchanges.count == 27)
        let relay = PureRelay(interfaces: [try PureRelay.interface("pub", "127.0.0.1")]) { _ in }
        for exchange in transcript.exchanges {
            var request = try #require(try JSON.decode(Array(exchange.request.utf8)[...]).dictionary)
            if let name = exchange.sdp {
                request["sdp"] = .text(try #require(transcript.descriptions[name], "no SDP \(name)"))
            }
            let reply = relay.answer(request)
            let description = try ReplyLines.essence(reply).filter { !$0.hasPrefix("o=") }
            #expect(ReplyLines.values(reply) + description == exchange.expectedReply, "\(exchange.title)")
            #expect(exchange.isEqual == (exchange.reason == nil), "\(exchange.title)")
        }
    }
}
