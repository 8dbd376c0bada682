import CallControl
import ControlProtocols
import Testing

/// What Kamailio's rtpengine module really sends, dialogue after dialogue.
@Suite struct KamailioTranscriptTests {
    private func relay(deleteDelay: Double) throws -> PureRelay {
        PureRelay(
            interfaces: [
                try PureRelay.interface("priv", "127.0.0.1"),
                try PureRelay.interface("pub", "127.0.0.2!203.0.113.50"),
            ]
        ) {
            $0.interfaceAliases = ["internal": "priv", "external": "pub"]
            $0.deleteDelaySeconds = deleteDelay
        }
    }

    /// Reads `\r`, `\n` and `\\`.
    private func datagram(_ text: String) -> [UInt8] {
        var octets: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let octet = rest.popFirst() {
            guard octet == UInt8(ascii: "\\"), let escaped = rest.popFirst() else {
                octets.append(octet)
                continue
            }
            switch escaped {
            case UInt8(ascii: "r"): octets.append(0x0D)
            case UInt8(ascii: "n"): octets.append(0x0A)
            default: octets.append(escaped)
            }
        }
        return octets
    }

    private func reply(to exchange: RecordedExchange, from relay: PureRelay) throws -> NGReply {
        relay.answer(try NGMessage(datagram: self.datagram(exchange.request)).dictionary())
    }

    @Test func repliesEqualThoseOfRtpengine() throws {
        let exchanges = try Transcript("kamailio-5.6.3.txt").exchanges
        #expect(exchanges.count == 224)
        let relay = try self.relay(deleteDelay: 30)
        for exchange in exchanges {
            let reply = try self.reply(to: exchange, from: relay)
            let result = ReplyLines.values(reply).filter { line in
                ["result =", "error-reason =", "warning ="].contains { line.hasPrefix($0) }
            }
            let lines = try result + ReplyLines.essence(reply)
            #expect(lines == exchange.expectedReply, "\(exchange.title), \(exchange.remark)")
            #expect(
                exchange.isEqual == (exchange.reason == nil), "\(exchange.title), \(exchange.remark)")
        }
    }

    /// Only a call whose offer had another call-id than everything after it is left for the timeouts.
    @Test(arguments: [0.0, 30.0])
    func nothingIsLeftWhenTheDialoguesAreOver(deleteDelay: Double) throws {
        let relay = try self.relay(deleteDelay: deleteDelay)
        for exchange in try Transcript("kamailio-5.6.3.txt").exchanges {
            _ = try self.reply(to: exchange, from: relay)
        }
        relay.wait(seconds: deleteDelay + 1)
        #expect(relay.calls.callIDs(limit: 100) == ["forced-cid"])
        #expect(relay.ports.open.count == 4)
        relay.wait(seconds: 3600)
        #expect(relay.calls.count == 0)
        #expect(relay.ports.open.isEmpty)
        #expect(relay.calls.totals.created == 69)
        #expect(relay.calls.totals.ended == [.terminated: 68, .offerTimeout: 1])
    }
}
