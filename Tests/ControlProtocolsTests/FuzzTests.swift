import Testing

@testable import ControlProtocols

@Suite("Mutated input")
struct FuzzTests {
    @Test("in bencode is read or refused, and what is read comes back")
    func bencode() throws {
        var generator = SplitMix64(state: 1)
        var corpus = try Fixture.kamailioRequests().map {
            Array(try NGMessage(datagram: $0.datagram).payload)
        }
        corpus += ["d", "de", "l", "i0e", "0:", "d1:ali-1eee", "i-9223372036854775808e"].map {
            Array($0.utf8)
        }
        let alphabet = Array("dlie:0123456789-ax\u{0}".utf8) + [0xFF]
        var accepted = 0
        for round in 0..<20_000 {
            let input = generator.mutate(corpus[round % corpus.count], alphabet: alphabet)
            guard let (value, consumed) = try? Bencode.decodePrefix(of: input[...]) else { continue }
            accepted += 1
            #expect(consumed <= input.count)
            let encoded = Bencode.encode(value)
            #expect(try Bencode.decode(encoded[...]) == value)
            if let dictionary = value.dictionary { self.readRequest(dictionary) }
        }
        #expect(accepted > 1_000)
    }

    @Test("in JSON is read or refused, and what is read comes back")
    func json() throws {
        var generator = SplitMix64(state: 2)
        var corpus = try Fixture.exchanges(with: "26.3").compactMap { exchange in
            exchange.request.hasPrefix("{") ? Array(exchange.request.utf8) : nil
        }
        corpus += [#"{"a":[1,-2.5e3,"\u00fc\ud83d\ude00\n",true,null,{}]}"#, "[[]]", "0"].map {
            Array($0.utf8)
        }
        let alphabet = Array("{}[]\":,\\u0123dDeE+-.tfn \n".utf8) + [0xC3, 0xFF]
        var accepted = 0
        for round in 0..<20_000 {
            let input = generator.mutate(corpus[round % corpus.count], alphabet: alphabet)
            guard let value = try? JSON.decode(input[...]) else { continue }
            accepted += 1
            #expect(try JSON.decode(JSON.encode(value)[...]) == value)
            if let dictionary = value.dictionary { self.readRequest(dictionary) }
        }
        #expect(accepted > 1_000)
    }

    @Test("in a flags string is always read, within limits")
    func flagString() {
        var generator = SplitMix64(state: 3)
        let corpus = [
            "replace-origin ICE=force RTP/SAVP codec-strip-PCMU direction=priv direction=pub",
            "trust-address metadata=a--b..c sdp-attr=[audio=[add=[a b] remove=[c]] none=[x=y]]",
            "rtcp-mux=[offer accept] SDES=[no-X [y]] internal external to-tag=x to-tag SIP-code=200",
            "flags=[a b] rtpp-flags=[c d] transport-protocol-RTP/AVP TOS=1 label=x via-branch=auto",
        ].map { Array($0.utf8) }
        let alphabet = Array(" =[]-._,/aA0\t".utf8) + [0x00, 0xFF]
        for round in 0..<20_000 {
            let input = generator.mutate(corpus[round % corpus.count], alphabet: alphabet)
            #expect(NGFlagString.words(input).count <= input.count)
            self.readRequest([
                "command": "offer", "call-id": "c", "from-tag": "f", "sdp": "v", "rtpp-flags": .string(input),
            ])
        }
    }

    @Test("in the envelope is split, dropped or refused with a reason")
    func envelope() throws {
        var generator = SplitMix64(state: 4)
        let corpus = try Fixture.kamailioRequests().map { Array($0.datagram.prefix(40)) }
        for round in 0..<10_000 {
            let input = generator.mutate(corpus[round % corpus.count], alphabet: Array(" d{e1:".utf8))
            guard let message = try? NGMessage(datagram: input) else { continue }
            #expect(message.cookie + [0x20] + message.payload == input)
            do throws(NGError) {
                _ = try NGRequest(message)
            } catch {
                #expect(!error.reason.isEmpty && error.logText.hasPrefix(error.reason))
            }
        }
    }

    /// Reading must end, and what it yields must be within limits.
    private func readRequest(_ dictionary: NGDictionary) {
        guard let request = try? NGRequest(dictionary: dictionary) else { return }
        #expect(request.notices.count <= NGRequestLimits.notices)
        guard case .offer(let offer) = request.command else { return }
        #expect(offer.options.direction.count <= 2)
        #expect(offer.selector.callID.utf8.count <= NGRequestLimits.identifierOctets)
        if let name = offer.options.transportProtocol { #expect(NGTransportProtocol.names.contains(name)) }
    }
}
