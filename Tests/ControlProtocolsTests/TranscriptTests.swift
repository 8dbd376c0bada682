import ControlProtocols
import Testing
import WireFormat

@Suite("Exchanges with rtpengine")
struct TranscriptTests {
    /// What this layer answers: a replay, its own reply, nothing, or nil if the command has to be performed.
    private enum Outcome: Equatable {
        case reply(String)
        case silence
        case performed(NGEncoding)
    }

    private func answer(_ datagram: [UInt8], _ cache: inout CookieCache<Int>) -> Outcome {
        guard let message = try? NGMessage(datagram: datagram) else { return .silence }
        let now = MonotonicTime(nanoseconds: 0)
        switch cache.begin(message.cookie, from: 1, at: now) {
        case .perform: break
        case .replay(let octets): return .reply(String(decoding: octets, as: UTF8.self))
        case .wait, .drop: return .silence
        }
        let reply: NGReply
        do throws(NGError) {
            guard case .ping = try NGRequest(message).command else { return .performed(message.encoding) }
            reply = .pong
        } catch {
            reply = .error(error)
        }
        let octets = reply.datagram(cookie: message.cookie, encoding: message.encoding)
        #expect(cache.finish(message.cookie, with: octets, at: now) == [])
        return .reply(String(decoding: octets, as: UTF8.self))
    }

    @Test("give the same replies to datagrams, octet by octet", arguments: ["26.3", "10.5.3.5"])
    func sameRepliesToDatagrams(version: String) throws {
        var cache = CookieCache<Int>()
        let exchanges = try Fixture.exchanges(with: version).filter { $0.rawDatagram != nil }
        #expect(exchanges.count >= 10)
        for exchange in exchanges {
            let datagram = try #require(exchange.rawDatagram)
            let expected: Outcome =
                exchange.reply.hasPrefix("<no reply") ? .silence : .reply(exchange.reply)
            #expect(self.answer(datagram, &cache) == expected, "\(exchange.name)")
        }
    }

    @Test(
        "read every dictionary, and refuse the same ones for the same reason",
        arguments: ["26.3", "10.5.3.5"])
    func sameErrorsForDictionaries(version: String) throws {
        let decidedLater: Set = [
            "Failed to parse SDP", "Incomplete SDP specification", "Unknown call-id", "Unknown call-ID",
            "Call-ID not found or tags didn't match", "Error rewriting SDP",
        ]
        let exchanges = try Fixture.exchanges(with: version).filter { $0.rawDatagram == nil }
        #expect(exchanges.count > 70)
        for exchange in exchanges {
            var request = try Fixture.json(exchange.request)
            let command = try #require(request["command"]?.text)
            if exchange.name != "offer w/o sdp" { request["sdp"] = "v=0\r\n" }
            let reason = try Fixture.json(exchange.reply)["error-reason"]?.text
            do throws(NGError) {
                _ = try NGRequest(dictionary: request)
                #expect(reason == nil || decidedLater.contains(reason ?? ""), "\(exchange.name)")
            } catch .unsupportedCommand(let name) {
                #expect(name == command)
                #expect(["play media", "create"].contains(name))
            } catch {
                #expect(error.reason == reason, "\(exchange.name)")
            }
        }
    }

    @Test("read what the recorded requests ask for")
    func readWhatIsAsked() throws {
        func offer(_ name: String) throws -> ReadOffer {
            let exchange = try #require(try Fixture.exchanges(with: "26.3").first { $0.name == name })
            return try ReadOffer(Fixture.json(exchange.request))
        }
        let unknown = try offer("unknown flags ignored")
        #expect(Set(unknown.unknown) == ["xyzzy", "replace=foo", "bogus"])
        let words = try offer("rtpp_flags")
        #expect(words.options.direction == ["priv", "pub"])
        #expect(words.options.replacesOrigin && words.options.ice == "force")
        #expect(words.options.transportProtocol == "RTP/SAVP")
        #expect(words.options.codecs.strip == ["PCMU"] && words.notices == [])
        #expect(
            try offer("SIP-source-address + received-from").message.receivedFrom == IPAddress("198.51.100.99")
        )
        #expect(try offer("full-rtcp-attribute").options.rtcpAttribute == .full)
        #expect(try offer("zero + replace zero-address").options.replacesZeroAddress)
        #expect(try offer("origin-full").options.replacesFullOrigin)
        #expect(try offer("WebRTC flag").unsupported == ["WebRTC"])
        let except = try offer("codec except")
        #expect(except.options.codecs.strip == ["all"] && except.options.codecs.except == ["PCMA"])
        #expect(try offer("codec offer").options.codecs.offer == ["telephone-event", "PCMA"])
        #expect(try offer("sdp-media-remove video").options.removedMedia == ["video"])
        for name in ["codec except", "codec offer", "sdp-media-remove video"] {
            #expect(try offer(name).notices == [])
        }
    }
}
