import CallControl
import ControlProtocols
import RelayPlanning
import Testing
import WireFormat

/// Commands about blocks, publishers, subscribers and joined calls.
extension CallHarness {
    static func selection(
        _ tag: String? = nil, to toTag: String? = nil, call: String = "c1",
        _ change: (inout PartySelection) -> Void = { _ in }
    ) -> PartySelection {
        var selection = PartySelection(
            selector: CallSelector(callID: call, fromTag: tag, toTag: toTag))
        change(&selection)
        return selection
    }

    func block(
        _ kind: BlockRequest.Kind, _ isBlocking: Bool = true,
        _ selection: PartySelection = CallHarness.selection()
    ) throws {
        self.apply(try self.table.block(BlockRequest(parties: selection, kind: kind, isBlocking: isBlocking)))
    }

    func publish(
        call: String? = "c1", from tag: String? = "p", sdp: String, isBidirectional: Bool = false,
        _ options: (inout OfferAnswerOptions) -> Void = { _ in }
    ) throws -> (sdp: HandedOut, publication: Publication) {
        var request = PublishRequest(
            callID: call, fromTag: tag, sdp: Array(sdp.utf8), isBidirectional: isBidirectional)
        options(&request.options)
        let outcome = try self.table.publish(request, at: self.time, ports: self.ports) { self.newName() }
        self.warnings = outcome.warnings
        self.apply(outcome.actions)
        return (HandedOut(text: String(decoding: outcome.sdp, as: UTF8.self)), outcome)
    }

    func subscribe(
        _ selection: PartySelection, isSIPREC: Bool = false, isInactive: Bool = false,
        mirrorsRTCP: Bool = false,
        _ options: (inout OfferAnswerOptions) -> Void = { _ in }
    ) throws -> (sdp: HandedOut, offer: SubscriptionOffer) {
        var request = SubscribeRequest(
            parties: selection, isSIPREC: isSIPREC, isInactive: isInactive, mirrorsRTCP: mirrorsRTCP)
        options(&request.options)
        let offer = try self.table.subscribe(request, at: self.time, ports: self.ports) { self.newName() }
        self.warnings = offer.warnings
        self.apply(offer.actions)
        return (HandedOut(text: String(decoding: offer.sdp, as: UTF8.self)), offer)
    }

    func subscribeAnswer(to tag: String, call: String = "c1", sdp: String) throws {
        let message = OfferAnswer(
            selector: CallSelector(callID: call, toTag: tag), sdp: Array(sdp.utf8))
        self.apply(try self.table.subscribeAnswer(message, at: self.time).actions)
    }

    func unsubscribe(_ selection: PartySelection) throws {
        self.apply(try self.table.unsubscribe(selection).actions)
    }

    func connect(
        _ from: String, _ to: String, call: String = "c1", toCall: String? = nil, isDirectional: Bool = false
    ) throws {
        let request = ConnectRequest(
            selector: CallSelector(callID: call, fromTag: from, toTag: to), toCallID: toCall,
            isDirectional: isDirectional)
        let outcome = try self.table.connect(request, at: self.time)
        self.warnings = outcome.warnings
        self.apply(outcome.actions)
    }

    /// A call of two, `a` at 198.51.100.1:4000 and `b` at 198.51.100.3:5000; our ports towards each.
    func setUpCall(
        _ id: String = "c1", _ a: String = "a", _ b: String = "b", extra: [String] = []
    ) throws -> (towardsA: PortPlan, towardsB: PortPlan) {
        let offered = try self.offer(from: a, call: id, sdp: audio("198.51.100.1", 4000, extra: extra))
        let answered = try self.answer(
            from: a, to: b, call: id, sdp: audio("198.51.100.3", 5000, extra: extra))
        return (try self.plan(port: try answered.port()), try self.plan(port: try offered.port()))
    }

    /// The ports of the copies of what arrives on a port, in order.
    func copies(of port: RelayPortID) -> [UInt16] {
        var copies: [UInt16] = []
        var next = self.plans[port]?.firstCopy
        while let id = next, let plan = self.plans[id], copies.count < PortPlan.maximumCopies {
            copies.append(plan.local.port)
            next = plan.nextCopy
        }
        return copies
    }

    /// The plan of the RTCP port above an RTP port.
    func rtcp(of plan: PortPlan) throws -> PortPlan { try self.plan(port: plan.local.port + 1) }
}

/// An answer that takes every section of a subscriber's offer, at a recorder's ports from `port` on.
func recorderAnswer(
    to offer: HandedOut, at address: String = "198.51.100.77", port: Int = 9000, extra: [String] = []
) -> String {
    var next = port
    var lines = ["v=0", "o=srs 1 1 IN IP4 \(address)", "s=-", "c=IN IP4 \(address)", "t=0 0"]
    for line in offer.lines("m=") {
        let words = line.dropFirst(2).split(separator: " ").map(String.init)
        let isUsed = words[1] != "0"
        lines.append("m=\(words[0]) \(isUsed ? next : 0) \(words[2...].joined(separator: " "))")
        if isUsed { lines += extra }
        lines.append("a=recvonly")
        next += 2
    }
    return lines.joined(separator: "\r\n") + "\r\n"
}
