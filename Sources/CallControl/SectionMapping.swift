import ControlProtocols
import SDPGrammar

// Sections and slots.
//
// `Party.media` is a list of slots, and slots of the same number of two parties that talk to each other belong together.
// As long as nothing is left out of an SDP the sections of both parties' SDPs are the slots in order. `sdp-media-remove`
// makes them differ: a party's `sections` name the slots of its own SDPs, in the order in which it knows them.

extension Party {
    /// The slots of the sections of this party's SDPs; a party that was not made by an offer has all of them in order.
    var knownSections: [Int] { self.sections.isEmpty ? Array(self.media.indices) : self.sections }

    /// True once an SDP of this party was read.
    var hasSpoken: Bool { self.media.contains { $0.isInitialized } }
}

/// Which slot each section of an SDP is for, and what becomes of it besides being relayed.
struct SectionMap: Sendable {
    /// One slot for each section of the SDP; nil for a section of an answer that answers nothing.
    var slots: [Int?]
    /// Slots whose sections the receiver does not get to see, or sees refused if it knows them (`sdp-media-remove`).
    var removed: Set<Int> = []
    /// Slots whose section was left without any codec on purpose (`allow no codec media`).
    var emptied: Set<Int> = []

    /// The section of a slot; nil if the SDP has none.
    func section(of slot: Int) -> Int? { self.slots.firstIndex { $0 == slot } }

    /// Sections and their slots in order.
    var pairs: [(section: Int, slot: Int)] {
        self.slots.enumerated().compactMap { index, slot in slot.map { (index, $0) } }
    }
}

extension Exchange {
    /// Finds or makes the slots of the SDP's sections, and brings both parties' lists of sections up to date.
    mutating func mapSections(sender: Int, receiver: Int) throws(CallError) -> SectionMap {
        let known = self.call.parties[sender].knownSections
        var map = SectionMap(slots: known.prefix(self.session.media.count).map { $0 })
        if self.isOffer {
            try self.addSlots(to: &map, sender: sender, receiver: receiver)
            map.removed = self.removedSlots(map)
        } else if map.slots.count < self.session.media.count {
            self.warnings.append(
                "the answer has \(self.session.media.count) media sections for \(map.slots.count) offered ones: "
                    + "the rest is left out")
            map.slots += Array(repeating: nil, count: self.session.media.count - map.slots.count)
        }
        self.call.parties[sender].sections = known + map.slots.dropFirst(known.count).compactMap { $0 }
        if self.isOffer { try self.showSections(of: map, receiver: receiver) }
        return map
    }

    /// Sections the sender names for the first time: those at the place of one that only the receiver has, else new ones.
    private mutating func addSlots(to map: inout SectionMap, sender: Int, receiver: Int) throws(CallError) {
        let other = self.call.parties[receiver]
        var next = max(self.call.parties[sender].media.count, other.media.count)
        let theirs = other.knownSections
        let own = self.call.parties[sender]
        let known = Set(own.knownSections)
        for index in map.slots.count..<max(map.slots.count, self.session.media.count) {
            if index < theirs.count, !known.contains(theirs[index]),
                !own.media.indices.contains(theirs[index]) || !own.media[theirs[index]].isLeftOut
            {
                map.slots.append(theirs[index])
            } else {
                guard next < CallLimits.mediaSlots else {
                    throw .tooLarge("more than \(CallLimits.mediaSlots) media sections of all parties")
                }
                map.slots.append(next)
                next += 1
            }
        }
    }

    /// What `sdp-media-remove` takes out; an SDP without any section would be none.
    private mutating func removedSlots(_ map: SectionMap) -> Set<Int> {
        let kinds = self.options.removedMedia
        guard !kinds.isEmpty else { return [] }
        let removed = map.pairs.filter { pair in
            let kind = self.session.media[pair.section].kind
            return kinds.contains(kind) || (kinds.contains("other") && !Self.registeredKinds.contains(kind))
        }
        guard removed.count < map.slots.count else {
            self.warnings.append("sdp-media-remove would leave no media section: nothing is removed")
            return []
        }
        return Set(removed.map(\.slot))
    }

    /// The top-level media types an `m=` line may name (RFC 8866, section 5.14, and RFC 6466).
    private static var registeredKinds: Set<String> {
        ["audio", "video", "text", "application", "message", "image"]
    }

    /// Adds to the receiver's list what it sees for the first time. A receiver that never answered may be another one than
    /// the last time (serial forking): its list begins anew.
    private mutating func showSections(of map: SectionMap, receiver: Int) throws(CallError) {
        let isFirst = !self.call.parties[receiver].hasSpoken
        var shown = isFirst ? [] : self.call.parties[receiver].knownSections
        for (_, slot) in map.pairs where !map.removed.contains(slot) && !shown.contains(slot) {
            shown.append(slot)
        }
        guard shown.count <= CallLimits.mediaSections else {
            throw .tooLarge("more than \(CallLimits.mediaSections) media sections")
        }
        self.call.parties[receiver].sections = shown
        self.call.parties[receiver].mayFork = isFirst
        self.call.parties[receiver].toAnswer = map.slots.compactMap { $0 }
    }

    /// Keeps what the sections say beyond their addresses. Sections that an SDP lacks although the party knows them count
    /// as refused: sections never go away (RFC 3264, section 8).
    mutating func noteSections(_ map: SectionMap, sender: Int, receiver: Int) {
        for (section, slot) in map.pairs {
            let written = self.session.media[section]
            let isDropped = map.removed.contains(slot) || map.emptied.contains(slot)
            self.call.parties[sender].media[slot].firstFormat = written.formats.first
            self.call.parties[sender].media[slot].mid = written.mid
            if self.isOffer {
                self.call.parties[sender].media[slot].isLeftOut = false
                self.call.parties[receiver].media[slot].isLeftOut = isDropped
            } else if isDropped {
                self.call.parties[sender].media[slot].isRejected = true
            }
        }
        for slot in self.call.parties[sender].sections.dropFirst(self.session.media.count)
        where self.call.parties[sender].media.indices.contains(slot) {
            self.call.parties[sender].media[slot].isRejected = true
        }
    }

    /// True if neither side will use the section after this message, unless another answer follows.
    func isRefused(slot: Int, sender: Int, receiver: Int) -> Bool {
        let from = self.call.parties[sender].media[slot]
        let to = self.call.parties[receiver].media[slot]
        if from.isRejected { return true }
        return self.isOffer ? to.isLeftOut : to.isRejected || from.isLeftOut
    }

    /// The slots of the SDP that goes out, in its order: an answer has the sections of the offer, an offer those the receiver
    /// knows and what is new.
    func outgoingSlots(receiver: Int, sender: Int) -> [Int] {
        let asked = self.call.parties[sender].toAnswer
        guard !self.isOffer, !asked.isEmpty else { return self.call.parties[receiver].knownSections }
        return asked
    }
}
