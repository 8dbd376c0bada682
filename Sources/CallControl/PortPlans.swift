import RelayPlanning
import WireFormat

/// From what the parties said to what the forwarders do.
extension Call {
    /// Recomputes all plans and returns what changed since the last time; closings come last.
    mutating func takePlanChanges() -> [RelayAction] {
        var plans: [RelayPortID: PortPlan] = [:]
        var clockRates: [RelayPortID: [PayloadClockRate]] = [:]
        var order: [RelayPortID] = []
        // Room for one section of two parties at first: growing a table makes it anew.
        let room = max(self.plans.count, 4)
        plans.reserveCapacity(room)
        clockRates.reserveCapacity(room)
        order.reserveCapacity(room)
        for party in self.parties {
            let blocks = self.blocks(of: party)
            let peer = party.peer.flatMap { self.index(of: $0) }
            for (index, media) in party.media.enumerated() {
                let other = peer.flatMap { self.parties[$0].media(at: index) }
                let rates = media.clockRates(heardFrom: other)
                let events = media.eventPayloadTypes(towards: other)
                for pair in media.allPairs {
                    for var plan in media.plans(for: pair, towards: other) {
                        plan.recording = self.recording
                        plan.take(blocks, events: events)
                        plans[plan.id] = plan
                        order.append(plan.id)
                        clockRates[plan.id] = rates
                    }
                }
            }
        }
        self.linkCopies(in: &plans)
        var actions: [RelayAction] = order.compactMap { id in
            guard let plan = plans[id], self.plans[id] != plan else { return nil }
            return .configure(plan)
        }
        for (id, rates) in clockRates where self.clockRates[id] != rates {
            actions.append(.setClockRates(id, rates))
        }
        let closed = self.plans.keys.filter { plans[$0] == nil }.sorted()
        actions += closed.map { .close($0) }
        self.plans = plans
        self.clockRates = clockRates
        return actions
    }

    /// Closes everything.
    mutating func takeClosing() -> [RelayAction] {
        let actions = self.plans.keys.sorted().map { RelayAction.close($0) }
        self.plans = [:]
        self.clockRates = [:]
        return actions
    }
}

extension PartyMedia {
    /// The current pair first, then those that still forward what arrives.
    var allPairs: [PortPair] { (self.ports.map { [$0] } ?? []) + self.retired.map(\.pair) }

    /// The pair by which this party is sent to: until it is shown its new ports, that is the one it knows.
    var sendingPair: PortPair? {
        guard let ports = self.ports, !self.isPublished, let known = self.retired.last?.pair else {
            return self.ports
        }
        // Nothing can reach the party's new address by a port of the other family.
        let family = self.signalledRTP?.family ?? known.rtp.local.family
        return known.rtp.local.family == family ? known : ports
    }

    /// A party sends what the other side's SDP named; its own numbering is usually the same.
    func clockRates(heardFrom other: PartyMedia?) -> [PayloadClockRate] {
        guard let other, other.clockRates != self.clockRates else { return self.clockRates }
        return other.clockRates + self.clockRates
    }

    /// The plans of one pair of ours that faces this party.
    func plans(for pair: PortPair, towards other: PartyMedia?) -> [PortPlan] {
        let target = other?.isRejected == true ? nil : other?.sendingPair
        let muxes = other?.isMuxing == true
        var rtp = self.plan(for: pair.rtp, component: .rtp)
        rtp.signalled = self.signalledRTP
        rtp.sink = target?.rtp.id
        if pair != self.ports {
            rtp.userspaceReasons.insert(.earlierPort)
            rtp.isPublished = true
        }
        let rtcpTarget = muxes ? target?.rtp.id : target?.rtcp?.id
        if self.isMuxing { rtp.rtcpSink = rtcpTarget }
        rtp.cutsFeedback = self.sendsFeedbackUnknown(to: other)
        guard let port = pair.rtcp else { return [rtp] }
        var rtcp = self.plan(for: port, component: .rtcp)
        rtcp.signalled = self.signalledRTCP
        rtcp.isPublished = rtp.isPublished
        rtcp.sink = rtcpTarget
        rtcp.cutsFeedback = rtp.cutsFeedback
        return [rtp, rtcp]
    }

    /// True from `RTP/AVPF` towards `RTP/AVP` (ng.md 3.2); SRTCP cannot be cut without its keys.
    private func sendsFeedbackUnknown(to other: PartyMedia?) -> Bool {
        self.transportProtocol == "RTP/AVPF" && other?.transportProtocol == "RTP/AVP"
    }

    private func plan(for port: ReservedPort, component: MediaComponent) -> PortPlan {
        var plan = PortPlan(
            id: port.id, local: port.local, component: component, payload: self.isRTP ? .rtp : .opaque)
        plan.isPublished = self.isPublished
        plan.isMuted = self.isOnZeroHold || self.isRejected
        plan.isUnidirectional = self.isUnidirectional
        plan.waitsForParty = self.waitsForParty
        plan.piercesNAT = self.piercesNAT
        plan.learning = self.learning
        plan.learningEpoch = self.learningEpoch
        plan.trafficClass = self.trafficClass
        return plan
    }
}
