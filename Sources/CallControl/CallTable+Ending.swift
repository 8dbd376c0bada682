public import ControlProtocols
public import RelayPlanning
import SDPGrammar
public import WireFormat

/// Why a call or a party of it ended; the names are those of rtpengine's `closed_sessions_total`.
public enum EndReason: String, Sendable, Hashable, CaseIterable {
    /// A delete of the controller.
    case terminated
    /// `crosspointctl terminate`.
    case forceTerminated = "force_terminated"
    /// No packets for `timeout`.
    case timeout
    /// No packets on a held stream for `silent-timeout`.
    case silentTimeout = "silent_timeout"
    /// Unanswered for `offer-timeout`.
    case offerTimeout = "offer_timeout"
    /// Older than `final-timeout`.
    case finalTimeout = "final_timeout"
    /// The daemon stops.
    case shutdown
}

/// A call that is no more.
public struct EndedCall: Sendable {
    /// The call-id.
    public var id: String
    /// Why it ended.
    public var reason: EndReason
    /// Seconds from its first offer to its end.
    public var durationSeconds: Double
    /// What the forwarders have to do.
    public var actions: [RelayAction]
    /// What the signalling said of it at its end.
    public var report: CallReport
}

/// What a delete did.
public enum DeleteOutcome: Sendable {
    /// There is no such call, or no party with such tags.
    case notFound
    /// It will go after the delay; media still flows.
    case scheduled
    /// A party went; the call goes on.
    case partyRemoved(actions: [RelayAction])
    /// The call went.
    case ended(EndedCall)
}

extension CallTable {
    /// True if a delete with these keys would find something.
    public func finds(_ request: DeleteRequest) -> Bool {
        guard let call = self.calls[request.selector.callID] else { return false }
        return call.target(of: request) != nil
    }

    /// Deletes a call or a party of it, at once or after the delay.
    public mutating func delete(_ request: DeleteRequest, at now: SignallingTime) -> DeleteOutcome {
        let id = request.selector.callID
        guard var call = self.calls[id], let target = call.target(of: request) else { return .notFound }
        let delay = request.delaySeconds.map(Double.init) ?? self.settings.deleteDelaySeconds
        guard delay > 0 else {
            return self.remove(target, from: &call, reason: .terminated, at: now.monotonic)
        }
        let due = now.monotonic.advanced(by: .seconds(delay))
        switch target {
        case .call: call.deletionDue = min(call.deletionDue ?? due, due)
        case .party(let party):
            if let index = call.index(of: party) {
                call.parties[index].deletionDue = min(call.parties[index].deletionDue ?? due, due)
            }
        }
        self.calls[id] = call
        self.scheduleCheck(of: id, notBefore: due, at: now.monotonic)
        return .scheduled
    }

    /// Ends a call now, whatever its state; nil if there is none.
    public mutating func terminate(_ id: String, reason: EndReason, at now: MonotonicTime) -> EndedCall? {
        guard let call = self.calls[id] else { return nil }
        return self.end(call, reason: reason, at: now)
    }

    /// Ends whatever is due.
    ///
    /// - Parameter lastPacket: when a packet last arrived on a port, on either path; nil if none ever did.
    public mutating func expire(
        at now: MonotonicTime, lastPacket: (RelayPortID) -> MonotonicTime?
    ) -> [DeleteOutcome] {
        var outcomes: [DeleteOutcome] = []
        for (second, ids) in self.checks.takeDue(at: now) {
            for id in ids where self.calls[id]?.nextCheck == second {
                self.calls[id]?.nextCheck = .max
                self.check(id, at: now, lastPacket: lastPacket, outcomes: &outcomes)
            }
        }
        return outcomes
    }

    /// Ends a call if it is due, or the parties that are; else notes when to look again.
    private mutating func check(
        _ id: String, at now: MonotonicTime, lastPacket: (RelayPortID) -> MonotonicTime?,
        outcomes: inout [DeleteOutcome]
    ) {
        guard var call = self.calls[id] else { return }
        let silentUntil: MonotonicTime
        switch call.fate(at: now, settings: self.settings, lastPacket: lastPacket) {
        case .ends(let reason):
            outcomes.append(.ended(self.end(call, reason: reason, at: now)))
            return
        case .lives(let moment):
            silentUntil = moment
        }
        for party in call.parties where party.deletionDue.map({ $0 <= now }) == true {
            // An earlier removal may have taken this party along, or ended the call.
            guard self.calls[id]?.index(of: party.id) != nil else { continue }
            outcomes.append(self.remove(.party(party.id), from: &call, reason: .terminated, at: now))
        }
        let dues = [call.deletionDue].compactMap { $0 } + call.parties.compactMap(\.deletionDue)
        self.scheduleCheck(of: id, notBefore: dues.reduce(silentUntil, min), at: now)
    }

    private mutating func remove(
        _ target: DeletionTarget, from call: inout Call, reason: EndReason, at now: MonotonicTime
    ) -> DeleteOutcome {
        if case .party(let party) = target, call.parties.contains(where: { $0.id == party }) {
            call.removeParty(party)
            if call.hasDialogue {
                let actions = call.takePlanChanges()
                self.calls[call.id] = call
                return .partyRemoved(actions: actions)
            }
        }
        return .ended(self.end(call, reason: reason, at: now))
    }

    private mutating func end(_ call: Call, reason: EndReason, at now: MonotonicTime) -> EndedCall {
        // What is closed is what the forwarders were last told of.
        var last = self.calls.removeValue(forKey: call.id) ?? call
        self.totals.ended[reason, default: 0] += 1
        let report = last.report()
        return EndedCall(
            id: call.id, reason: reason, durationSeconds: now.seconds(since: call.created.monotonic),
            actions: last.takeClosing(), report: report)
    }
}

/// What a delete means.
enum DeletionTarget: Sendable {
    case call
    case party(PartyID)
}

extension Call {
    /// Finds what the keys of a delete name; nil if they do not fit the call (ng.md 1.4, `delete`).
    func target(of request: DeleteRequest) -> DeletionTarget? {
        let selector = request.selector
        if let branch = selector.viaBranch, let party = self.parties.first(where: { $0.viaBranch == branch })
        {
            return self.wholeCallIfLast(party.id)
        }
        guard let fromTag = selector.fromTag, !fromTag.isEmpty else { return .call }
        guard let party = self.party(tag: fromTag) else { return nil }
        if request.matchesToTag, let toTag = selector.toTag {
            guard let other = self.party(tag: toTag), party.associates.contains(other.id) else { return nil }
        }
        return self.wholeCallIfLast(party.id)
    }

    private func wholeCallIfLast(_ party: PartyID) -> DeletionTarget {
        var rest = self
        rest.removeParty(party)
        return rest.hasDialogue ? .party(party) : .call
    }

    /// True while two parties of the call have to do with each other.
    var hasDialogue: Bool { self.parties.contains { !$0.associates.isEmpty } }

    /// Takes a party out, and everybody who had to do with nobody else.
    mutating func removeParty(_ id: PartyID) {
        self.parties.removeAll { $0.id == id }
        for index in self.parties.indices {
            self.parties[index].associates.remove(id)
            if self.parties[index].peer == id { self.parties[index].peer = nil }
        }
        self.parties.removeAll { $0.associates.isEmpty }
    }

    /// Whether the call has to go now, or else the moment before which no timeout can end it.
    func fate(
        at now: MonotonicTime, settings: RelaySettings, lastPacket: (RelayPortID) -> MonotonicTime?
    ) -> CallFate {
        if let due = self.deletionDue, due <= now { return .ends(.terminated) }
        var final = MonotonicTime(nanoseconds: .max)
        if settings.finalTimeoutSeconds > 0 {
            final = self.created.monotonic.advanced(by: .seconds(settings.finalTimeoutSeconds))
        }
        if final <= now { return .ends(.finalTimeout) }
        guard self.isAnswered else {
            let due = self.lastSignal.monotonic.advanced(by: .seconds(settings.offerTimeoutSeconds))
            return due <= now ? .ends(.offerTimeout) : .lives(until: min(due, final))
        }
        let soonest = min(settings.timeoutSeconds, settings.silentTimeoutSeconds)
        let due = self.lastSignal.monotonic.advanced(by: .seconds(soonest))
        guard due <= now else { return .lives(until: min(due, final)) }
        switch self.silence(at: now, settings: settings, lastPacket: lastPacket) {
        case .ends(let reason): return .ends(reason)
        case .lives(let moment): return .lives(until: min(moment, final))
        }
    }

    /// A call dies only when each of its streams is dead; held streams are allowed to be silent for longer.
    private func silence(
        at now: MonotonicTime, settings: RelaySettings, lastPacket: (RelayPortID) -> MonotonicTime?
    ) -> CallFate {
        var reason = EndReason.timeout
        for party in self.parties {
            let peer = self.party(party.peer)
            for (index, media) in party.media.enumerated() where media.ports != nil {
                let other = peer.flatMap { $0.media.indices.contains(index) ? $0.media[index] : nil }
                if media.isRejected || other?.isRejected == true { continue }
                let isSilent = media.isSilent || !media.direction.sends || other?.direction.receives == false
                let limit = isSilent ? settings.silentTimeoutSeconds : settings.timeoutSeconds
                if isSilent { reason = .silentTimeout }
                let heard = media.allPairs.flatMap(\.ports).compactMap { lastPacket($0.id) }.max()
                let last = max(heard ?? self.lastSignal.monotonic, self.lastSignal.monotonic)
                let due = last.advanced(by: .seconds(limit))
                if due > now { return .lives(until: due) }
            }
        }
        return .ends(reason)
    }
}

/// What the clock says of a call.
enum CallFate: Sendable {
    case ends(EndReason)
    /// No timeout can end it before this moment.
    case lives(until: MonotonicTime)
}
