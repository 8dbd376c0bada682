import ControlProtocols
import SDPGrammar
import WireFormat

/// Which interface and which relay ports face each party.
extension Exchange {
    /// Logical interfaces and families for both sides (ng.md 2.1, `direction`, `address family`).
    mutating func chooseInterfaces(sender: Int, receiver: Int, facts: [SectionFacts]) {
        if self.isOffer {
            self.chooseInterface(party: sender, named: self.options.direction.first)
            self.chooseInterface(
                party: receiver, named: self.options.direction.count > 1 ? self.options.direction[1] : nil)
        }
        let spoken = facts.lazy.compactMap(\.family).first
        if let spoken, self.call.parties[sender].family == nil { self.call.parties[sender].family = spoken }
        // A zero address says nothing of where the party is, and an answer cannot move ports shown by the offer.
        if self.isOffer, !self.call.parties[sender].isFamilyChosen,
            let moved = facts.lazy.compactMap(\.rtp?.family).first
        {
            self.call.parties[sender].family = moved
        }
        if let wanted = self.options.addressFamily {
            self.call.parties[receiver].family = wanted
            self.call.parties[receiver].isFamilyChosen = true
        } else if self.call.parties[receiver].family == nil {
            let known = self.call.parties[receiver].media.lazy.compactMap(\.signalledRTP?.family).first
            self.call.parties[receiver].family = known ?? spoken
        }
    }

    private mutating func chooseInterface(party: Int, named name: String?) {
        guard let name, !name.isEmpty else {
            if self.call.parties[party].interface == nil {
                self.call.parties[party].interface = self.settings.interfaces.first?.name
            }
            return
        }
        let candidates = self.settings.interfaces(named: name)
        if candidates.contains(where: { $0.name == self.call.parties[party].interface }) { return }
        if !candidates.isEmpty {
            // Members of a group share the calls; a call keeps the one it got.
            let turn = self.call.id.utf8.reduce(0) { ($0 &* 31 &+ Int($1)) & 0xFFFF }
            self.call.parties[party].interface = candidates[turn % candidates.count].name
        } else if let family = self.settings.legacyFamily(named: name) {
            self.call.parties[party].family = family
            if self.call.parties[party].interface == nil {
                self.call.parties[party].interface = self.settings.interfaces.first?.name
            }
        } else {
            let first = self.settings.interfaces.first?.name
            self.warnings.append("there is no interface \(name); using \(first ?? "none")")
            if self.call.parties[party].interface == nil { self.call.parties[party].interface = first }
        }
    }

    /// The address of ours that faces a party, of its family if the interface has one.
    func facingAddress(party: Int) -> InterfaceAddress? {
        let party = self.call.parties[party]
        let interface =
            party.interface.flatMap { self.settings.interface($0) }
            ?? self.settings.interfaces.first
        guard let interface else { return nil }
        if let family = party.family, let address = interface.address(of: family) { return address }
        return interface.addresses.first
    }

    /// Ports for both sides at the offer; at the answer only what is still missing.
    mutating func assignPorts(sender: Int, receiver: Int, mediaIndex: Int) throws(CallError) {
        let media = self.call.parties[sender].media[mediaIndex]
        if self.isRefused(slot: mediaIndex, sender: sender, receiver: receiver) {
            if self.isRefusedForGood(slot: mediaIndex, sender: sender, receiver: receiver) {
                self.call.parties[sender].media[mediaIndex].dropPorts()
                self.call.parties[receiver].media[mediaIndex].dropPorts()
            }
            return
        }
        try self.assignReceiverPorts(receiver: receiver, mediaIndex: mediaIndex, senderMedia: media)
        try self.assignSenderPorts(sender: sender, mediaIndex: mediaIndex)
        self.call.parties[receiver].media[mediaIndex].isPublished = true
    }

    /// Refused by either side, and not only by one of several forks: neither will use the ports (RFC 3264, section 6).
    /// Without a SIP code it cannot be known whether an answer is the last one; then the next offer decides.
    private func isRefusedForGood(slot: Int, sender: Int, receiver: Int) -> Bool {
        let from = self.call.parties[sender].media[slot]
        let to = self.call.parties[receiver].media[slot]
        if self.isOffer { return from.isRejected && to.isRejected }
        return to.isRejected || from.isLeftOut || !self.call.parties[sender].mayFork
            || (self.options.sipCode ?? 0) >= 200
    }

    private mutating func assignReceiverPorts(
        receiver: Int, mediaIndex: Int, senderMedia: PartyMedia
    ) throws(CallError) {
        var media = self.call.parties[receiver].media[mediaIndex]
        let endpoint = senderMedia.signalledRTP
        guard let facing = self.facingAddress(party: receiver) else {
            throw .outOfPorts("no interface is configured")
        }
        if let current = media.ports {
            let hasMoved = current.rtp.local.address != facing.local || (current.rtcp == nil) == media.isRTP
            if hasMoved {
                media.retirePorts(chosenFor: nil)
            } else if self.isOffer, self.wantsOtherPorts(media, endpoint: endpoint, senderMedia: senderMedia)
            {
                media.retirePorts(chosenFor: media.portsChosenFor)
                media.reviveRetired(for: endpoint)
            }
        }
        if media.ports == nil {
            media.ports = try self.reserve(on: facing.local, media: media)
            media.isPublished = false
        }
        // An answer, be it that of another fork, never changes ports: they are its endpoint's from now on.
        if !self.isOffer || media.portsChosenFor == nil || !media.isPublished {
            media.portsChosenFor = endpoint ?? media.portsChosenFor
        }
        self.call.parties[receiver].media[mediaIndex] = media
    }

    /// A re-offer from another endpoint shows other ports, unless latching or a hold says otherwise (ng.md 3.4).
    private func wantsOtherPorts(
        _ media: PartyMedia, endpoint: TransportAddress?, senderMedia: PartyMedia
    ) -> Bool {
        guard let chosenFor = media.portsChosenFor, let endpoint, chosenFor != endpoint else { return false }
        switch self.options.portLatching {
        case true: return false
        case false: return true
        default: return senderMedia.direction.receives && !senderMedia.isOnZeroHold
        }
    }

    private mutating func assignSenderPorts(sender: Int, mediaIndex: Int) throws(CallError) {
        var media = self.call.parties[sender].media[mediaIndex]
        guard let facing = self.facingAddress(party: sender) else {
            throw .outOfPorts("no interface is configured")
        }
        if let current = media.ports {
            guard current.rtp.local.address != facing.local || (current.rtcp == nil) == media.isRTP else {
                return
            }
            // An answer cannot move ports that the offer has already shown.
            guard self.isOffer else { return }
            media.retirePorts(chosenFor: nil)
        }
        media.ports = try self.reserve(on: facing.local, media: media)
        media.portsChosenFor = nil
        media.isPublished = false
        self.call.parties[sender].media[mediaIndex] = media
    }

    private mutating func reserve(on address: IPAddress, media: PartyMedia) throws(CallError) -> PortPair {
        do {
            let pair = try self.ports.reserve(
                on: address, withRTCP: media.isRTP, trafficClass: media.trafficClass)
            self.reserved.append(pair)
            return pair
        } catch {
            throw .outOfPorts(error.reason)
        }
    }
}

extension PartyMedia {
    /// Keeps the current ports open for what is still under way to them, if the party was ever shown them.
    mutating func retirePorts(chosenFor endpoint: TransportAddress?) {
        guard let pair = self.ports else { return }
        if self.isPublished { self.retired.append((endpoint, pair)) }
        if self.retired.count > CallLimits.retiredPairs { self.retired.removeFirst() }
        self.ports = nil
        self.portsChosenFor = nil
    }

    /// Takes ports back that were chosen for the same endpoint earlier.
    mutating func reviveRetired(for endpoint: TransportAddress?) {
        guard let endpoint, let index = self.retired.firstIndex(where: { $0.endpoint == endpoint }) else {
            return
        }
        self.ports = self.retired.remove(at: index).pair
        self.portsChosenFor = endpoint
    }

    /// Gives up all ports.
    mutating func dropPorts() {
        self.ports = nil
        self.portsChosenFor = nil
        self.retired = []
        self.isPublished = false
    }
}
