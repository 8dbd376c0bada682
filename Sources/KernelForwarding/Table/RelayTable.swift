import CNetfilter
import WireFormat

/// What the table looks like: pure message building, no socket.
///
/// ```
/// classify  (prerouting, raw)     RTP, not RTCP, of a known stream: accept; whatever else is for relay ports: notrack
/// local_out (output, raw)         what the daemon sends from relay ports: notrack
/// to_peer   (prerouting, dstnat)  the streams maps say where to
/// as_relay  (postrouting, srcnat) the sources maps say as whom
/// ```
///
/// The order in `classify` is for speed: what has to pass fewest expressions is a stream's packet that needs no change of
/// its traffic class. A test for the port before the lookup would cost such a packet more than the lookup saves others,
/// since few other packets begin like RTP; a jump to a chain of the relay's ports costs as much again
/// (Docs/benchmarks.md).
///
/// The NAT chains are asked for a connection's first packet only, and only when the entry that was inserted with the
/// stream is gone; but without them no inserted entry translates anything.
struct RelayTable {
    /// The name in nft, of family inet.
    let name: String
    /// The relay's ports, sorted, disjoint.
    let portRanges: [ClosedRange<UInt16>]
    /// What forwarded packets leave with; nil keeps the sender's.
    let trafficClass: UInt8?
    let families: [AddressFamily]
    /// Whether a rule may ask whether a map has a key without reading the value. Older kernels refuse that; there the
    /// value is read and not used, which works alike, but nft does not print such a lookup.
    var asksForMembership = true

    private enum Priority {
        static let raw: Int32 = -300
        static let destinationNAT: Int32 = -100
        static let sourceNAT: Int32 = 100
    }

    private enum Hook {
        static let prerouting: UInt32 = 0
        static let output: UInt32 = 3
        static let postrouting: UInt32 = 4
    }

    init(
        name: String, portRanges: [ClosedRange<UInt16>], trafficClass: UInt8?,
        families: Set<AddressFamily> = Set(AddressFamily.allCases)
    ) {
        self.name = name
        self.portRanges = Self.merged(portRanges)
        self.trafficClass = trafficClass
        self.families = AddressFamily.allCases.filter(families.contains)
    }

    /// True if the rules look at packets to this port.
    func covers(_ port: UInt16) -> Bool { self.portRanges.contains { $0.contains(port) } }

    /// Appends everything between the batch's begin and end: whatever bears the table's name is replaced.
    func appendSetUp(to messages: inout NetlinkMessages, attempts: inout [String]) {
        self.appendRemoval(to: &messages, attempts: &attempts)
        attempts.append("create the table inet \(self.name)")
        messages.append { crosspoint_put_table($0, Message.newTable, Flag.createOnly, self.name) }
        for map in StreamMap.allCases where self.families.contains(map.family) {
            attempts.append("create the map \(map.name)")
            map.appendCreation(to: &messages, table: self.name)
        }
        self.appendChains(to: &messages, attempts: &attempts)
        self.appendRawRules(to: &messages, attempts: &attempts)
        self.appendTranslationRules(to: &messages, attempts: &attempts)
    }

    /// Appends the table's removal, which succeeds whether or not it is there.
    func appendRemoval(to messages: inout NetlinkMessages, attempts: inout [String]) {
        attempts.append("name the table inet \(self.name)")
        messages.append { crosspoint_put_table($0, Message.newTable, Flag.create, self.name) }
        attempts.append("remove the table inet \(self.name)")
        messages.append { crosspoint_put_table($0, Message.deleteTable, 0, self.name) }
    }

    private func appendChains(to messages: inout NetlinkMessages, attempts: inout [String]) {
        let hooked = [
            ("classify", "filter", Hook.prerouting, Priority.raw),
            ("local_out", "filter", Hook.output, Priority.raw),
            ("to_peer", "nat", Hook.prerouting, Priority.destinationNAT),
            ("as_relay", "nat", Hook.postrouting, Priority.sourceNAT),
        ]
        for (chain, type, hook, priority) in hooked {
            attempts.append("create the \(type) chain \(chain)")
            messages.append { crosspoint_put_chain($0, self.name, chain, type, hook, priority, 1) }
        }
    }

    private func appendRawRules(to messages: inout NetlinkMessages, attempts: inout [String]) {
        for family in self.families {
            if let trafficClass = self.trafficClass {
                attempts.append("add the rule for marked IPv\(family.rawValue) streams to the chain classify")
                let marked = RuleBuilder(table: self.name, chain: "classify")
                marked.family(is: family)
                marked.hasDSCP(ofTrafficClass: trafficClass, family)
                self.acceptsStreams(marked, family, settingTrafficClass: nil, to: &messages)
            }
            attempts.append("add the rule for known IPv\(family.rawValue) streams to the chain classify")
            let rule = RuleBuilder(table: self.name, chain: "classify")
            rule.family(is: family)
            self.acceptsStreams(rule, family, settingTrafficClass: self.trafficClass, to: &messages)
        }
        for range in self.portRanges {
            attempts.append("add the rule for ports \(range) to the chain classify")
            let rest = RuleBuilder(table: self.name, chain: "classify")
            rest.isUDP()
            rest.port(at: 2, in: range)
            rest.untracked()
            rest.append(to: &messages)

            attempts.append("add the rule for ports \(range) to the chain local_out")
            let output = RuleBuilder(table: self.name, chain: "local_out")
            output.isUDP()
            output.port(at: 0, in: range)
            output.untracked()
            output.append(to: &messages)
        }
    }

    /// Ends a rule that has looked at the family: RTP of a known stream is tracked, with this traffic class.
    private func acceptsStreams(
        _ rule: consuming RuleBuilder, _ family: AddressFamily, settingTrafficClass trafficClass: UInt8?,
        to messages: inout NetlinkMessages
    ) {
        rule.isUDP()
        rule.isRTPNotRTCP()
        rule.loadKey(family)
        rule.isElement(of: .streams(family), readingValue: !self.asksForMembership)
        if let trafficClass { rule.setDSCP(ofTrafficClass: trafficClass, family) }
        rule.accept()
        rule.append(to: &messages)
    }

    private func appendTranslationRules(to messages: inout NetlinkMessages, attempts: inout [String]) {
        for family in self.families {
            attempts.append("add the dnat rule for IPv\(family.rawValue) to the chain to_peer")
            let destination = RuleBuilder(table: self.name, chain: "to_peer")
            destination.family(is: family)
            destination.isUDP()
            destination.loadKey(family)
            destination.translate(NFT_NAT_DNAT, by: .streams(family))
            destination.append(to: &messages)

            attempts.append("add the snat rule for IPv\(family.rawValue) to the chain as_relay")
            let source = RuleBuilder(table: self.name, chain: "as_relay")
            source.family(is: family)
            source.isUDP()
            source.loadOriginalKey(family)
            source.translate(NFT_NAT_SNAT, by: .sources(family))
            source.append(to: &messages)
        }
    }

    private static func merged(_ ranges: [ClosedRange<UInt16>]) -> [ClosedRange<UInt16>] {
        var merged: [ClosedRange<UInt16>] = []
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let last = merged.last, Int(range.lowerBound) <= Int(last.upperBound) + 1 {
                merged[merged.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
            } else {
                merged.append(range)
            }
        }
        return merged
    }
}
