import RelayPlanning
import SDPGrammar
import WireFormat

/// Calls of which only one side is heard (`one-way-timeout`; rtpengine keeps them for ever).
extension Call {
    /// Whether the call has to go because every stream that is meant to flow both ways flows one way only.
    ///
    /// A direction counts as silent after `oneWayTimeoutSeconds` without a packet of RTP, from signalling on. A stream that
    /// is silent in both directions is the other timeouts' business: it neither ends the call nor keeps it.
    func oneWayFate(
        at now: MonotonicTime, settings: RelaySettings, lastPacket: (RelayPortID) -> MonotonicTime?
    ) -> CallFate {
        let limit = settings.oneWayTimeoutSeconds
        guard limit > 0 else { return .never }
        var hasOneWay = false
        var recheck = MonotonicTime(nanoseconds: .max)
        for party in self.parties {
            guard let peer = self.party(party.peer), peer.peer == party.id, party.id < peer.id else {
                continue
            }
            for (media, other) in zip(party.media, peer.media) where media.isMeantToFlowBothWays(with: other)
            {
                let mine = self.lastHeard(media, lastPacket)
                let theirs = self.lastHeard(other, lastPacket)
                let quieter = min(mine, theirs).advanced(by: .seconds(limit))
                let livelier = max(mine, theirs).advanced(by: .seconds(limit))
                if quieter > now { return .lives(until: quieter) }
                if livelier > now {
                    hasOneWay = true
                } else {
                    // Nothing arrives at all; should one side begin again, that is noticed in a while.
                    recheck = now.advanced(by: .seconds(max(1, limit / 4)))
                }
            }
        }
        return hasOneWay ? .ends(.oneWayTimeout) : .lives(until: recheck)
    }

    /// When RTP last arrived in a section, or the last signalling if that was later.
    private func lastHeard(
        _ media: PartyMedia, _ lastPacket: (RelayPortID) -> MonotonicTime?
    ) -> MonotonicTime {
        let heard = media.allPairs.compactMap { lastPacket($0.rtp.id) }.max()
        return max(heard ?? self.lastSignal.monotonic, self.lastSignal.monotonic)
    }
}

extension PartyMedia {
    /// True if neither side said that it is on hold, or sends or receives only.
    fileprivate func isMeantToFlowBothWays(with other: PartyMedia) -> Bool {
        [self, other].allSatisfy { media in
            media.isRTP && media.isInitialized && media.ports != nil && !media.isRejected
                && !media.isOnZeroHold && media.direction == .sendrecv
        }
    }
}

extension CallFate {
    /// Nothing will end the call.
    static var never: CallFate { .lives(until: MonotonicTime(nanoseconds: .max)) }

    /// The same, with an earlier look.
    func sooner(_ other: CallFate) -> CallFate {
        guard case .lives(let mine) = self, case .lives(let theirs) = other else { return self }
        return .lives(until: min(mine, theirs))
    }
}
