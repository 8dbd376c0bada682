import CallControl
import ControlProtocols
import NATRules
import RelayPlanning
import SDPGrammar
import Testing
import WireFormat

/// Commands of all kinds with any keys, for few calls with few tags, while ports run out now and then: what is refused
/// changes nothing, every open port is in one plan, and plans name ports of their own call only.
@Suite struct RandomCommandTests {
    @Test(arguments: 0..<4 as Range<UInt64>)
    func whateverIsAskedForThePlansStayWhole(seed: UInt64) throws {
        var dice = CommandDice(state: seed)
        var performed: [String: Int] = [:]
        var refused = 0
        for number in 0..<8 {
            let calls = try CallHarness()
            for step in 0..<150 {
                let origin = Comment(rawValue: "seed \(seed), table \(number), step \(step)")
                let datagram = dice.request()
                guard let request = try? NGRequest(NGMessage(datagram: datagram)) else { continue }
                calls.now += Double(dice.below(3))
                // Every other command finds few ports left, so that it fails half way.
                calls.ports.remaining = dice.below(2) == 0 ? dice.below(7) : .max
                let before = Footprint(calls)
                if calls.perform(request.command) {
                    performed[request.command.kindForTests, default: 0] += 1
                } else {
                    refused += 1
                    #expect(Footprint(calls) == before, origin)
                }
                calls.checkPlans(origin)
            }
            for id in calls.table.callIDs(limit: .max) { _ = calls.delete(call: id) }
            #expect(calls.table.count == 0 && calls.plans.isEmpty && calls.ports.taken.isEmpty)
            // The names are free again, those of joined calls too.
            #expect(CommandDice.callIDs.allSatisfy { calls.table.primaryID(of: $0) == $0 })
        }
        #expect(refused > 100, "nothing is refused: the test proves less than it says")
        for kind in ["offer", "answer", "delete", "block", "publish", "subscribe", "unsubscribe", "connect"] {
            #expect(performed[kind, default: 0] > 3, "hardly any \(kind) succeeds")
        }
    }
}

/// What a command that was refused must leave as it was.
private struct Footprint: Equatable {
    let ports: Set<RelayPortID>
    let plans: [RelayPortID: PortPlan]
    let calls: [String]

    init(_ harness: CallHarness) {
        self.ports = harness.ports.taken
        self.plans = harness.plans
        self.calls = harness.table.reports().map { call in
            let parties = call.parties.map { party in
                let texts = [party.tag, party.viaBranch, party.label, party.metadata]
                let media = party.media.map { "\($0.kind) \($0.codec ?? "") \($0.direction.rawValue)" }
                return
                    "\(texts) \(party.associates) \(party.sources) \(party.copies) \(party.blocks.rawValue) \(media)"
            }
            return "\(call.id) \(call.lastSignal.unixMicroseconds) \(call.isAnswered) \(parties)"
        }.sorted()
    }
}

extension CallHarness {
    /// Performs a command as the daemon would; false if it was refused.
    fileprivate func perform(_ command: NGCommand) -> Bool {
        do {
            switch command {
            case .offer(let message):
                self.apply(try self.table.offer(message, at: self.time, ports: self.ports).actions)
            case .answer(let message):
                self.apply(try self.table.answer(message, at: self.time, ports: self.ports).actions)
            case .delete(let request):
                switch self.table.delete(request, at: self.time) {
                case .notFound: return false
                case .scheduled: break
                case .partyRemoved(let actions): self.apply(actions)
                case .ended(let ended): self.apply(ended.actions)
                }
            case .block(let request): self.apply(try self.table.block(request))
            case .publish(let request):
                let made = try self.table.publish(request, at: self.time, ports: self.ports) {
                    self.newName()
                }
                self.apply(made.actions)
            case .subscribeRequest(let request):
                let made = try self.table.subscribe(request, at: self.time, ports: self.ports) {
                    self.newName()
                }
                self.apply(made.actions)
            case .subscribeAnswer(let message):
                self.apply(try self.table.subscribeAnswer(message, at: self.time).actions)
            case .unsubscribe(let selection): self.apply(try self.table.unsubscribe(selection).actions)
            case .connect(let request):
                self.apply(try self.table.connect(request, at: self.time).actions)
            case .startRecording(let request):
                let id = RecordingID(rawValue: UInt32(self.now) &+ 1)
                guard let actions = self.table.setRecording(id, of: request.selector.callID) else {
                    return false
                }
                self.apply(actions)
            case .stopRecording(let request), .pauseRecording(let request):
                guard let actions = self.table.setRecording(nil, of: request.selector.callID) else {
                    return false
                }
                self.apply(actions)
            case .query, .list, .ping, .statistics, .cli: break
            }
            return true
        } catch {
            return false
        }
    }

    /// Open ports and plans are the same, a call's plans name its own ports only, and no list of copies goes in a ring.
    fileprivate func checkPlans(_ origin: Comment) {
        #expect(self.ports.taken == Set(self.plans.keys), origin)
        var seen: Set<RelayPortID> = []
        for report in self.table.reports() {
            let own = Set(self.table.ports(of: report.id))
            #expect(seen.isDisjoint(with: own), origin)
            seen.formUnion(own)
            #expect(report.parties.count <= CallLimits.parties, origin)
            #expect(report.parties.count { $0.isSubscriber } <= CallLimits.subscribers, origin)
            for party in report.parties { #expect(party.media.count <= CallLimits.mediaSlots, origin) }
            var recordings: Set<RecordingID?> = []
            var heads: Set<RelayPortID> = []
            for id in own {
                guard let plan = self.plans[id] else { continue }
                let named = [plan.sink, plan.rtcpSink, plan.rtcpPort, plan.firstCopy, plan.nextCopy]
                #expect(named.compactMap { $0 }.allSatisfy { own.contains($0) }, origin)
                recordings.insert(plan.recording)
                if let first = plan.firstCopy { heads.insert(first) }
            }
            #expect(recordings.count <= 1, origin)
            self.checkLists(beginningAt: heads, origin)
        }
        #expect(seen == self.ports.taken, origin)
    }

    private func checkLists(beginningAt heads: Set<RelayPortID>, _ origin: Comment) {
        var listed: Set<RelayPortID> = []
        for head in heads {
            var next: RelayPortID? = head
            while let id = next {
                guard listed.insert(id).inserted else {
                    Issue.record("a port is in two lists of copies, or twice in one")
                    return
                }
                next = self.plans[id]?.nextCopy
            }
        }
        #expect(listed.count <= PortPlan.maximumCopies * max(1, heads.count), origin)
    }
}

extension NGCommand {
    fileprivate var kindForTests: String {
        switch self {
        case .offer: "offer"
        case .answer: "answer"
        case .delete: "delete"
        case .block: "block"
        case .publish: "publish"
        case .subscribeRequest: "subscribe"
        case .unsubscribe: "unsubscribe"
        case .connect: "connect"
        default: "other"
        }
    }
}

/// Random requests (SplitMix64), each likely to mean something.
private struct CommandDice {
    var state: UInt64

    static let callIDs = ["c1", "c2"]
    private static let tags = ["a", "b", "c", "p"]
    private static let subscribers = ["s", "t"]
    private static let commands = [
        "offer", "offer", "offer", "answer", "answer", "answer", "delete", "publish", "subscribe request",
        "subscribe request", "subscribe answer", "unsubscribe", "connect", "connect", "block media",
        "unblock media", "block DTMF", "unblock DTMF", "start recording", "stop recording",
        "pause recording", "query",
    ]
    private static let flags = [
        "directional", "inactive", "SIPREC", "RTCP-mirror", "port-latching", "no-port-latching",
        "asymmetric", "strict-source", "media-handover", "reset", "new-branch", "replace-origin",
        "drop-traffic-start", "drop-traffic-stop", "block-dtmf", "bidirectional", "to-tag", "pierce-NAT",
        "NAT-wait", "codec-strip-PCMA", "codec-mask-all", "allow-no-codec-media", "generate-mid",
        "loop-protect", "internal", "external", "rtcp-mux-demux", "rtcp-mux-require", "rtcp-mux-accept",
        "sdp-media-remove-video", "unidirectional", "debug",
    ]
    private static let extras: [(String, [String])] = [
        ("all", ["all", "flows", "offer-answer", "except-offer-answer", "none", "x"]),
        ("label", ["x", "y"]), ("to-label", ["x", "y"]), ("set-label", ["x", "y"]),
        ("address", ["198.51.100.1", "198.51.100.3", "x"]), ("address-family", ["IP4", "IP6"]),
        ("via-branch", ["z1", "z2"]), ("sip-code", ["183", "200"]),
        ("transport-protocol", ["RTP/AVP", "RTP/SAVP", "RTP/AVPF"]), ("ICE", ["remove", "force"]),
        ("interface", ["pub", "priv", "x"]), ("drop-traffic", ["start", "stop"]),
        ("delete-delay", ["0", "0", "5"]), ("TOS", ["0", "300", "-1"]), ("metadata", ["m"]),
        ("endpoint-learning", ["off", "immediate", "heuristic"]), ("template", ["t"]),
        ("media-address", ["192.0.2.7", "x"]),
    ]

    mutating func below(_ bound: Int) -> Int {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = self.state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return Int((mixed ^ mixed >> 31) % UInt64(max(1, bound)))
    }

    private mutating func one<Member>(of members: [Member]) -> Member { members[self.below(members.count)] }

    /// A request with its cookie, in bencode.
    mutating func request() -> [UInt8] {
        let command = self.one(of: Self.commands)
        var pairs: [(String, String)] = [("command", command), ("call-id", self.one(of: Self.callIDs))]
        if self.below(8) > 0 { pairs.append(("from-tag", self.one(of: Self.tags))) }
        if command.contains("subscribe"), self.below(5) > 0 {
            pairs.append(("to-tag", self.one(of: Self.subscribers)))
        } else if command == "answer" || command == "connect" || self.below(3) == 0 {
            pairs.append(("to-tag", self.one(of: Self.tags)))
        }
        if command == "connect" || self.below(9) == 0 {
            pairs.append(("to-call-id", self.one(of: Self.callIDs)))
        }
        if ["offer", "answer", "publish", "subscribe answer"].contains(command) {
            pairs.append(("sdp", self.description()))
        }
        for _ in 0..<self.below(3) {
            let (key, values) = self.one(of: Self.extras)
            pairs.append((key, self.one(of: values)))
        }
        var text = "d"
        for (key, value) in pairs { text += Self.bencoded(key) + Self.bencoded(value) }
        if self.below(4) == 0 {
            text +=
                "9:from-tagsl" + (0..<3).map { _ in Self.bencoded(self.one(of: Self.tags)) }.joined() + "e"
        }
        text += "5:flagsl"
        for _ in 0..<self.below(4) { text += Self.bencoded(self.one(of: Self.flags)) }
        return Array("x \(text)ee".utf8)
    }

    private static func bencoded(_ text: String) -> String { "\(text.utf8.count):\(text)" }

    /// One to three sections, at one of few addresses, some of them refused or held.
    private mutating func description() -> String {
        let address = self.one(of: ["198.51.100.1", "198.51.100.3", "2001:db8::7", "0.0.0.0"])
        let family = address.contains(":") ? "IP6" : "IP4"
        var lines = ["v=0", "o=- 1 2 IN \(family) \(address)", "s=-", "c=IN \(family) \(address)", "t=0 0"]
        for _ in 0...self.below(3) {
            let port = self.below(5) == 0 ? 0 : 4000 + 2 * self.below(4)
            switch self.below(4) {
            case 0: lines += ["m=video \(port) RTP/AVP 96", "a=rtpmap:96 VP8/90000"]
            case 1: lines.append("m=image \(port) udptl t38")
            default:
                let transport = self.one(of: ["RTP/AVP", "RTP/AVP", "RTP/AVPF", "RTP/SAVP"])
                lines += [
                    "m=audio \(port) \(transport) 0 8 101", "a=rtpmap:101 telephone-event/8000",
                ]
            }
            if self.below(4) == 0 { lines.append("a=rtcp-mux") }
            if self.below(4) == 0 {
                lines.append("a=\(self.one(of: ["inactive", "recvonly", "sendonly", "sendrecv"]))")
            }
        }
        return lines.joined(separator: "\r\n") + "\r\n"
    }
}
