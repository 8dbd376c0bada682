public import ControlProtocols
public import RelayPlanning
import SDPGrammar

/// All calls of the relay: commands and time go in, SDPs and forwarding plans come out.
///
/// Pure: it owns no socket, clock or thread. Sockets are reserved through ``PortReserving`` because an offer has to
/// name ports that are really bound.
public struct CallTable: Sendable {
    /// The configuration in force; changes affect what happens from now on.
    public var settings: RelaySettings
    /// True while no new calls are taken because the relay is to be emptied.
    public var isDraining = false
    /// How busy the host was when it was last looked at, for `settings.loadLimits`.
    public var load = LoadSample()
    /// What happened so far, for metrics.
    public internal(set) var totals = CallTotals()

    var calls: [String: Call] = [:]
    /// Calls by further ids, since calls were joined (`connect`).
    var aliases: [String: String] = [:]
    /// When calls are looked at for timeouts.
    var checks = CheckSchedule()

    /// A table without calls.
    public init(settings: RelaySettings) {
        self.settings = settings
    }

    /// How many calls there are.
    public var count: Int { self.calls.count }

    /// The relay ports of a call.
    public func ports(of id: String) -> [RelayPortID] {
        self.calls[self.primaryID(of: id)].map { Array($0.plans.keys) } ?? []
    }

    /// The ids of at most `limit` calls, in no order.
    public func callIDs(limit: Int) -> [String] { Array(self.calls.keys.prefix(max(0, limit))) }

    /// An offer: makes the call if there is none.
    ///
    /// - Parameters:
    ///   - message: the offer.
    ///   - now: when it arrived.
    ///   - ports: where relay ports come from.
    ///   - hasFallenSilent: true for a port on which media arrived once, but not lately; its party is learnt anew.
    public mutating func offer(
        _ message: OfferAnswer, at now: SignallingTime, ports: some PortReserving,
        hasFallenSilent: (RelayPortID) -> Bool = { _ in false }
    ) throws(CallError) -> ExchangeOutcome {
        guard let fromTag = message.selector.fromTag else { throw .invalidDialogue("no from-tag") }
        let id = self.primaryID(of: message.selector.callID)
        if self.calls[id] == nil { try self.admitNewCall() }
        let session = try Self.parse(message.sdp)
        if self.isOwn(session, message) { return .untouched(message) }
        let isNew = self.calls[id] == nil
        var call = self.calls[id] ?? Call(id: id, at: now)
        try call.checkDialogueTags(message.selector)
        let dialogue = try call.dialogue(ofOffer: message.selector, fromTag: fromTag, at: now)
        call.revive(dialogue)
        call.describe(dialogue, isOffer: true, with: message)
        let outcome = try self.exchange(
            isOffer: true, dialogue: dialogue, session: session, message: message, call: call, at: now,
            ports: ports, hasFallenSilent: hasFallenSilent)
        if isNew { self.totals.created += 1 }
        return outcome
    }

    /// An answer to an offer of the same dialogue; parameters as for an offer.
    public mutating func answer(
        _ message: OfferAnswer, at now: SignallingTime, ports: some PortReserving,
        hasFallenSilent: (RelayPortID) -> Bool = { _ in false }
    ) throws(CallError) -> ExchangeOutcome {
        guard var call = self.calls[self.primaryID(of: message.selector.callID)] else { throw .unknownCall }
        guard let fromTag = message.selector.fromTag, let toTag = message.selector.toTag else {
            throw .invalidDialogue("an answer needs both tags")
        }
        let session = try Self.parse(message.sdp)
        if self.isOwn(session, message) { return .untouched(message) }
        try call.checkDialogueTags(message.selector)
        let dialogue = try call.dialogue(ofAnswer: message.selector, fromTag: fromTag, toTag: toTag)
        call.revive(dialogue)
        call.describe(dialogue, isOffer: false, with: message)
        return try self.exchange(
            isOffer: false, dialogue: dialogue, session: session, message: message, call: call, at: now,
            ports: ports, hasFallenSilent: hasFallenSilent)
    }

    private mutating func exchange<Ports: PortReserving>(
        isOffer: Bool, dialogue: Dialogue, session: SessionDescription, message: OfferAnswer, call: Call,
        at now: SignallingTime, ports: Ports, hasFallenSilent: (RelayPortID) -> Bool
    ) throws(CallError) -> ExchangeOutcome {
        let silent = Set(call.plans.keys.filter(hasFallenSilent))
        var exchange = Exchange<Ports>(
            isOffer: isOffer, dialogue: dialogue, session: session, message: message, settings: self.settings,
            now: now, ports: ports, hasFallenSilent: { silent.contains($0) }, call: call)
        let sdp = try exchange.run()
        let actions = exchange.call.takePlanChanges()
        self.calls[call.id] = exchange.call
        self.scheduleCheck(of: call.id, at: now.monotonic)
        return ExchangeOutcome(sdp: sdp, actions: actions, warnings: exchange.warnings)
    }

    /// True if the SDP went through this relay before, and the controller asked to look for that (`loop protect`).
    private func isOwn(_ session: SessionDescription, _ message: OfferAnswer) -> Bool {
        guard message.options.loopProtect, let id = self.settings.instanceID else { return false }
        return session.attributes.contains(LoopProtection.attribute(id))
    }

    static func parse(_ sdp: [UInt8]) throws(CallError) -> SessionDescription {
        let session: SessionDescription
        do {
            session = try SessionDescription(parsing: sdp)
        } catch {
            throw .malformedSDP(error)
        }
        do {
            try session.checkCompleteness()
        } catch {
            throw .incompleteSDP(error)
        }
        return session
    }
}

/// Counts since the start.
public struct CallTotals: Sendable, Hashable {
    /// Calls made by offers.
    public var created: UInt64 = 0
    /// Calls refused because of a limit or because the relay is draining.
    public var rejected: UInt64 = 0
    /// Calls ended, by reason.
    public var ended: [EndReason: UInt64] = [:]

    /// Nothing happened yet.
    public init() {}
}

/// The session attribute by which rtpengine knows SDPs of its own (ng.md 2.1, `loop protect`).
enum LoopProtection {
    static func attribute(_ instanceID: String) -> Attribute { Attribute("rtpengine", instanceID) }
}

extension ExchangeOutcome {
    /// The SDP goes out as it came.
    static func untouched(_ message: OfferAnswer) -> ExchangeOutcome {
        ExchangeOutcome(sdp: message.sdp, actions: [], warnings: [])
    }
}

extension Call {
    /// A command for a call that waits for its delayed delete brings it back (ng.md 1.4, `delete`).
    mutating func revive(_ dialogue: Dialogue) {
        self.deletionDue = nil
        for id in [dialogue.sender, dialogue.receiver] {
            if let index = self.index(of: id) { self.parties[index].deletionDue = nil }
        }
    }

    /// Keeps the book-keeping keys of a command: labels belong to who sent it, a branch to who is called.
    mutating func describe(_ dialogue: Dialogue, isOffer: Bool, with message: OfferAnswer) {
        self.debug = self.debug || message.options.debug
        self.applyBlocks(of: message.options, sender: dialogue.sender)
        if let index = self.index(of: dialogue.sender) {
            if let label = message.options.label { self.parties[index].label = label }
            if let metadata = message.options.metadata { self.parties[index].metadata = metadata }
        }
        let called = isOffer ? dialogue.receiver : dialogue.sender
        let caller = isOffer ? dialogue.sender : dialogue.receiver
        guard let branch = message.selector.viaBranch, let index = self.index(of: called),
            self.parties[index].viaBranch == nil, self.party(caller)?.viaBranch == nil
        else { return }
        self.parties[index].viaBranch = branch
    }
}
