import RelayPlanning
import WireFormat

/// One call: its parties, and the plans last given to the forwarders.
struct Call: Sendable {
    let id: String
    let created: SignallingTime
    var lastSignal: SignallingTime
    var parties: [Party] = []
    var nextPartyID = 0
    /// True once any answer was processed.
    var isAnswered = false
    /// When a delayed delete ends the call.
    var deletionDue: MonotonicTime?
    /// The second in which the call is looked at next.
    var nextCheck = UInt64.max
    /// The plans in force, to tell what changed.
    var plans: [RelayPortID: PortPlan] = [:]
    /// The clock rates last given to the forwarders.
    var clockRates: [RelayPortID: [PayloadClockRate]] = [:]
    /// The recording that gets what arrives on the call's ports.
    var recording: RecordingID?
    /// The controller wants debug logs.
    var debug = false
    /// What is thrown away of every party's media.
    var blocks: MediaBlocks = []
    /// Other call-ids that name it, since calls were joined (`connect`).
    var otherIDs: [String] = []
    /// The number of the next `a=label` of a subscriber's SDP (RFC 4574).
    var nextLabel = 0

    init(id: String, at now: SignallingTime) {
        self.id = id
        self.created = now
        self.lastSignal = now
    }

    func index(of party: PartyID) -> Int? { self.parties.firstIndex { $0.id == party } }

    func party(_ id: PartyID?) -> Party? {
        guard let id, let index = self.index(of: id) else { return nil }
        return self.parties[index]
    }

    /// The party that a port of ours faces, and the section, counted from zero.
    func owner(of port: RelayPortID) -> (party: Party, mediaIndex: Int)? {
        for party in self.parties {
            for (index, media) in party.media.enumerated() {
                let isOwn = media.allPairs.contains { $0.rtp.id == port || $0.rtcp?.id == port }
                if isOwn { return (party, index) }
            }
        }
        return nil
    }

    func party(tag: String) -> Party? {
        self.parties.first { $0.tag == tag } ?? self.parties.first { $0.answers(to: tag) }
    }
}
