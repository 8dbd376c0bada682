import CallControl
import ControlProtocols
import Testing

/// Exchanges recorded with rtpengine, replayed through protocol, calls and SDPs.
@Suite struct RtpengineTranscriptTests {
    private func relay() throws -> PureRelay {
        PureRelay(
            interfaces: [
                try PureRelay.interface("pub", "203.0.113.1", "2001:db8:4321::1"),
                try PureRelay.interface("priv", "203.0.113.2"),
                try PureRelay.interface("adv", "203.0.113.3!192.0.2.9"),
            ]
        ) { $0.deleteDelaySeconds = 0 }
    }

    private func request(
        _ exchange: RecordedExchange, _ descriptions: [String: String]
    ) throws -> NGDictionary {
        var request = try #require(try JSON.decode(Array(exchange.request.utf8)[...]).dictionary)
        if let name = exchange.sdp {
            request["sdp"] = .text(try #require(descriptions[name], "no SDP \(name)"))
        }
        return request
    }

    @Test func repliesEqualThoseOfRtpengine26LineByLine() throws {
        let transcript = try Transcript("rtpengine-26.3.txt")
        #expect(transcript.exchanges.count == 83)
        let relay = try self.relay()
        for exchange in transcript.exchanges {
            let reply = relay.answer(try self.request(exchange, transcript.descriptions))
            let lines = ReplyLines.values(reply) + ReplyLines.description(reply)
            #expect(lines == exchange.expectedReply, "\(exchange.title)")
            #expect(exchange.isEqual == (exchange.reason == nil), "\(exchange.title)")
        }
    }

    @Test func resultsEqualThoseOfRtpengine10() throws {
        let descriptions = try Transcript("rtpengine-26.3.txt").descriptions
        let exchanges = try Transcript("rtpengine-10.5.3.5.txt").exchanges
        #expect(exchanges.count == 83)
        let relay = try self.relay()
        for exchange in exchanges {
            let reply = relay.answer(try self.request(exchange, descriptions))
            let lines = ReplyLines.values(reply).filter { line in
                ["result =", "error-reason =", "warning =", "calls ="].contains { line.hasPrefix($0) }
            }
            #expect(lines == exchange.expectedReply, "\(exchange.title)")
            #expect(exchange.isEqual == (exchange.reason == nil), "\(exchange.title)")
        }
    }
}
