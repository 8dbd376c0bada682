import CallControl
import ControlProtocols
import SDPGrammar
import Testing
import WireFormat

/// Calls with damaged SDPs and any combination of what can be done to them: whatever goes out is an SDP again.
@Suite struct RewriteFuzzTests {
    @Test(arguments: 0..<4 as Range<UInt64>)
    func whatGoesOutIsAlwaysASessionDescription(seed: UInt64) throws {
        let corpus = try Transcript("rtpengine-26.3.txt").descriptions.sorted { $0.key < $1.key }.map(\.value)
        #expect(corpus.count > 5)
        var random = Dice(state: seed)
        var handedOut = 0
        for number in 0..<200 {
            var call = try FuzzedCall(seed: "\(seed)/\(number)")
            for step in 0..<6 {
                let sdp = random.damaged(corpus[random.below(corpus.count)])
                let options = random.options()
                // Offer and answer of the caller's side, then of either.
                let isCaller = step < 2 || random.below(2) == 0
                if try call.perform(isOffer: step % 2 == 0, isCaller: isCaller, sdp, options) {
                    handedOut += 1
                }
            }
            call.finish()
        }
        #expect(handedOut > 400, "most messages are refused: the damage is too rough")
    }
}

/// One call between two parties.
private struct FuzzedCall {
    private var table: CallTable
    private let ports = CountedPorts()
    private let seed: String
    /// The sections of the last offer, until it is answered.
    private var offered: Int?
    private var isCallersOffer = true
    private static let now = SignallingTime(
        monotonic: MonotonicTime(seconds: 1), unixMicroseconds: 1_000_000)

    init(seed: String) throws {
        self.table = CallTable(
            settings: RelaySettings(interfaces: [
                try PureRelay.interface("pub", "203.0.113.1", "2001:db8:4321::1"),
                try PureRelay.interface("priv", "203.0.113.2"),
            ]))
        self.seed = seed
    }

    /// Returns true if something went out.
    mutating func perform(
        isOffer: Bool, isCaller: Bool, _ sdp: String, _ options: OfferAnswerOptions
    ) throws -> Bool {
        let hasAnswered = self.table.report(of: "c")?.isAnswered == true
        // An answer goes to who offered last.
        if !isOffer, self.offered == nil { return false }
        let isCaller = isOffer ? isCaller || !hasAnswered : self.isCallersOffer
        if isOffer { self.offered = nil }
        let message = OfferAnswer(
            selector: CallSelector(
                callID: "c", fromTag: isCaller ? "a" : "b", toTag: isCaller ? (isOffer ? nil : "b") : "a"),
            sdp: Array(sdp.utf8), options: options)
        let outcome: ExchangeOutcome
        do {
            outcome =
                isOffer
                ? try self.table.offer(message, at: Self.now, ports: self.ports)
                : try self.table.answer(message, at: Self.now, ports: self.ports)
        } catch {
            return false
        }
        for case .close(let id) in outcome.actions { self.ports.close(id) }
        try self.check(outcome.sdp, of: message, isOffer: isOffer)
        return true
    }

    private mutating func check(_ sdp: [UInt8], of message: OfferAnswer, isOffer: Bool) throws {
        let text = String(decoding: sdp, as: UTF8.self)
        let session: SessionDescription
        do {
            session = try SessionDescription(parsing: sdp)
            try session.checkCompleteness()
        } catch {
            Issue.record(
                "\(self.seed): \(error)\n\(text)\nfrom\n\(String(decoding: message.sdp, as: UTF8.self))")
            return
        }
        // Nothing but our own ports, and no section without a format.
        let open = Set(self.ports.open.values.map(\.port))
        for section in session.media {
            #expect(section.port == 0 || open.contains(section.port), "\(self.seed): \(text)")
            #expect(!section.formats.isEmpty, "\(self.seed): \(text)")
        }
        #expect(!text.contains("EVIL\r\n"), "\(self.seed): \(text)")
        if isOffer {
            self.offered = try SessionDescription(parsing: message.sdp).media.count
            self.isCallersOffer = message.selector.fromTag == "a"
        } else if let offered = self.offered {
            #expect(session.media.count == offered, "\(self.seed): \(text)")
        }
    }

    /// Ends the call; nothing may be left of it.
    mutating func finish() {
        if let ended = self.table.terminate("c", reason: .forceTerminated, at: Self.now.monotonic) {
            for case .close(let id) in ended.actions { self.ports.close(id) }
        }
        #expect(self.ports.open.isEmpty, "\(self.seed)")
    }
}

/// Random numbers (SplitMix64), damage and options.
private struct Dice {
    var state: UInt64

    mutating func below(_ bound: Int) -> Int {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = self.state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return Int((mixed ^ mixed >> 31) % UInt64(max(1, bound)))
    }

    private mutating func isLucky(_ chances: Int = 2) -> Bool { self.below(chances) == 0 }

    private mutating func some(_ members: [String]) -> [String] {
        self.isLucky() ? [] : (0...self.below(3)).map { _ in members[self.below(members.count)] }
    }

    /// Lines taken out, repeated, exchanged or changed.
    mutating func damaged(_ sdp: String) -> String {
        var lines = sdp.split(separator: "\r\n").map(String.init)
        for _ in 0..<self.below(4) where lines.count > 6 {
            let place = 5 + self.below(lines.count - 5)
            switch self.below(7) {
            case 0: lines.remove(at: place)
            case 1: lines.insert(lines[place], at: 5 + self.below(lines.count - 5))
            case 2: lines.swapAt(place, 5 + self.below(lines.count - 5))
            case 3: lines[place] = String(lines[place].prefix(3 + self.below(20)))
            case 4:
                lines.append("m=\(Self.kinds[self.below(5)]) \(self.below(3) * 4000) RTP/AVP 0 8 0 101 200 x")
            case 5: lines.append("a=\(Self.attributes[self.below(Self.attributes.count)])")
            default:
                lines.append("m=\(Self.kinds[self.below(5)]) 4444 \(Self.transports[self.below(4)]) 9 18")
            }
        }
        return lines.map { $0 + "\r\n" }.joined()
    }

    private static let kinds = ["audio", "video", "image", "application", "x"]
    private static let transports = ["udptl", "RTP/AVPF", "UDP/TLS/RTP/SAVPF", "RTP"]
    private static let attributes = [
        "rtpmap:0 PCMU/8000", "rtpmap:101 telephone-event/8000", "rtpmap:200 x/1", "rtpmap:96 opus/48000/2",
        "fmtp:96 apt=8", "fmtp:8 apt=8", "fmtp:8 apt=", "mid:1", "mid:", "extmap:1 urn:a", "extmap",
        "group:LS 1",
        "rtcp-mux", "inactive", "rtcp-fb:* nack", ":", "",
    ]
    private static let codecs = [
        "PCMU", "all", "full", "opus/48000/2", "telephone-event", "CN", "", "/", "PCMA/8000", "G722/8000/1",
    ]
    private static let texts = [
        "sendrecv", "mid", "x:1", "rtpmap:0", "rtpmap", "m=audio 1 RTP/AVP 0", "", "x\r\na=EVIL", "EVIL\r",
        "\u{10F790}", "rtcp", "inactive",
    ]

    mutating func options() -> OfferAnswerOptions {
        var options = OfferAnswerOptions()
        options.codecs.strip = self.some(Self.codecs)
        options.codecs.except = self.some(Self.codecs)
        options.codecs.offer = self.some(Self.codecs)
        options.codecs.ignore = self.isLucky(4) ? self.some(Self.codecs) : []
        options.codecs.isSingle = self.isLucky()
        options.codecs.allowsNone = self.isLucky()
        options.removedMedia = Set(self.isLucky() ? [] : self.some(["audio", "video", "other", "image", ""]))
        for _ in 0..<self.below(4) {
            let scopes: [SDPAttributeEdit.Scope] = [
                .everywhere, .session, .media("audio"), .media("x"), .media(""),
            ]
            let text = Self.texts[self.below(Self.texts.count)]
            let other = Self.texts[self.below(Self.texts.count)]
            let operations: [SDPAttributeEdit.Operation] = [
                .add(text), .remove(text), .substitute(from: text, to: other),
            ]
            options.attributeEdits.append(
                SDPAttributeEdit(scopes[self.below(5)], operations[self.below(3)]))
        }
        options.headerExtensions.stripsAll = self.isLucky(4)
        options.headerExtensions.strip = Set(self.some(["urn:a", ""]))
        options.generatesMID = self.isLucky()
        options.resets = self.isLucky()
        options.keepsDirection = self.isLucky()
        options.loopProtect = self.isLucky()
        options.replacesOrigin = self.isLucky()
        options.replacesFullOrigin = self.isLucky(3)
        options.replacesUsername = self.isLucky()
        options.replacesSessionName = self.isLucky()
        options.replacesSDPVersion = self.isLucky()
        options.forcesSDPVersionIncrement = self.isLucky(5)
        options.replacesZeroAddress = self.isLucky()
        options.rtcpAttribute = [.port, .none, .full][self.below(3)]
        options.rtcpMux = Set(OfferAnswerOptions.RTCPMuxOption.allCases.filter { _ in self.isLucky(3) })
        options.transportProtocol =
            self.isLucky(3) ? ["RTP/AVP", "RTP/AVPF", "RTP/SAVP"][self.below(3)] : nil
        options.acceptsTransportProtocol = self.isLucky()
        options.addressFamily = self.isLucky(4) ? (self.isLucky() ? .ipv4 : .ipv6) : nil
        options.direction = self.isLucky(4) ? ["pub", "priv"] : []
        options.sipCode = self.isLucky() ? 183 + self.below(2) * 17 : nil
        options.portLatching = [nil, true, false][self.below(3)]
        return options
    }
}
