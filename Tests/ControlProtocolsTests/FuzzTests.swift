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
        corpus += Self.otherRequests.map { NGEncoding.bencode.encode($0) }
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
        corpus += Self.otherRequests.map { NGEncoding.json.encode($0) }
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
            "codec-strip=[a b] codec=[offer=[x/1/2] mask=[y]] codec-transcode-z sdp-attr-substitute-none-a>b",
            "extmap=[strip=[urn:a]] extmap-mask-b sdp-media-remove=[video] from-tags=[a b] from-tags-c all=flows",
            "drop-traffic=start record-call=on recording-file=/a address=192.0.2.1 template=x template=offer",
        ].map { Array($0.utf8) }
        let alphabet = Array(" =[]-._,/aA0\t".utf8) + [0x00, 0xFF]
        var templates = NGTemplates()
        try? templates.add(name: "x", flags: "template=x sdp-attr=[none=[add=[a]]]")
        for round in 0..<20_000 {
            let input = generator.mutate(corpus[round % corpus.count], alphabet: alphabet)
            try? templates.add(name: "offer", flags: String(decoding: input.reversed(), as: UTF8.self))
            #expect(NGFlagString.words(input).count <= input.count)
            self.readRequest(
                [
                    "command": "offer", "call-id": "c", "from-tag": "f", "sdp": "v",
                    "rtpp-flags": .string(input),
                ], templates)
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

    @Test("in a stream is cut, waited for or refused, whatever the pieces")
    func stream() throws {
        var generator = SplitMix64(state: 5)
        let corpus = try Fixture.kamailioRequests().map { $0.datagram + $0.datagram }
        let limits = NGStreamLimits(unparsableOctets: 300, messageOctets: 2_000, bufferOctets: 8_000)
        var cut = 0
        for round in 0..<4_000 {
            let input = generator.mutate(
                corpus[round % corpus.count], alphabet: Array("dlie0123456789: ".utf8))
            let whole = Self.messages([input], limits)
            let size = Int.random(in: 1...40, using: &generator)
            let pieces = stride(from: 0, to: input.count, by: size).map {
                Array(input[$0..<min($0 + size, input.count)])
            }
            let dripped = Self.messages(pieces, limits)
            #expect(whole.messages == dripped.messages && whole.error == dripped.error)
            cut += whole.messages.count
            for message in whole.messages { #expect(message.count <= limits.messageOctets) }
        }
        #expect(cut > 1_000)
    }

    private static func messages(
        _ pieces: [[UInt8]], _ limits: NGStreamLimits
    ) -> (messages: [[UInt8]], error: NGError?) {
        var framing = NGStreamFraming(limits: limits)
        var messages: [[UInt8]] = []
        for piece in pieces {
            framing.append(piece)
            do throws(NGError) {
                while let message = try framing.next() { messages.append(message) }
            } catch {
                return (messages, error)
            }
        }
        return (messages, nil)
    }

    /// Commands and options that the recorded requests do not have.
    private static let otherRequests: [NGDictionary] = [
        [
            "command": "publish", "sdp": "v=0", "flags": .list(["bidirectional", "codec-strip-x"]),
            "codec": ["strip": .list(["all"]), "offer": "a,b", "transcode": .list(["c/8000/1"])],
            "sdp-attr": [
                "audio": ["add": .list(["a"]), "substitute": .list([.list(["b", "c"]), "d>e"])],
                "none": ["remove": "f"],
            ],
            "sdp-media-remove": .list(["video"]), "extmap": ["strip": .list(["urn:x"]), "mask": "y"],
        ],
        [
            "command": "subscribe request", "call-id": "c", "from-tags": .list(["a", "b"]), "all": "flows",
            "flags": .list(["SIPREC", "inactive", "from-tags-c"]), "to-label": "l", "address": "192.0.2.1",
        ],
        [
            "command": "subscribe answer", "call-id": "c", "to-tag": "t", "sdp": "v=0",
            "drop-traffic": "start",
        ],
        ["command": "connect", "call-id": "c", "from-tag": "f", "to-tag": "t", "to-call-id": "d"],
        ["command": "block media", "call-id": "c", "label": "l", "flags": .list(["directional", "all"])],
        [
            "command": "stop recording", "call-id": "c", "pause": "yes", "recording-file": "/a",
            "metadata": "m",
        ],
        ["command": "cli", "body": "list totals"],
    ]

    /// Reading must end, and what it yields must be within limits.
    private func readRequest(_ dictionary: NGDictionary, _ templates: NGTemplates = NGTemplates()) {
        guard let request = try? NGRequest(dictionary: dictionary, templates: templates) else { return }
        #expect(request.notices.count <= NGRequestLimits.notices)
        switch request.command {
        case .offer(let message), .answer(let message), .subscribeAnswer(let message):
            #expect(message.selector.callID.utf8.count <= NGRequestLimits.identifierOctets)
            self.check(message.options)
        case .publish(let publish): self.check(publish.options)
        case .subscribeRequest(let subscribe):
            #expect(subscribe.parties.fromTags.count <= NGRequestLimits.listMembers)
            self.check(subscribe.options)
        case .cli(let line): #expect(line.utf8.count <= NGRequestLimits.cliOctets)
        default: break
        }
    }

    private func check(_ options: OfferAnswerOptions) {
        #expect(options.direction.count <= 2)
        if let name = options.transportProtocol { #expect(NGTransportProtocol.names.contains(name)) }
        #expect(options.codecs.strip.count <= NGRequestLimits.codecs)
        #expect(options.attributeEdits.count <= NGRequestLimits.attributeEdits)
        for edit in options.attributeEdits {
            let texts =
                switch edit.operation {
                case .add(let text), .remove(let text): [text]
                case .substitute(let from, let to): [from, to]
                }
            #expect(texts.allSatisfy { text in !text.isEmpty && text.utf8.allSatisfy { $0 >= 0x20 } })
        }
    }
}
