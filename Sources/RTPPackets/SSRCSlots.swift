import WireFormat

/// Something kept for one synchronization source.
protocol SSRCKeyed {
    /// The source.
    var ssrc: UInt32 { get }
    /// When it was last heard of: the longest silent one makes room for a newcomer.
    var lastHeard: MonotonicTime { get }
}

/// Four places for what is kept per source; fixed size, no heap.
struct SSRCSlots<Entry: SSRCKeyed> {
    /// How many sources are kept.
    static var capacity: Int { 4 }

    private var entries = InlineArray<4, Entry?>(repeating: nil)

    /// The entry in a place; `index` comes from ``place(for:)``.
    subscript(index: Int) -> Entry? {
        get { self.entries[index] }
        _modify { yield &self.entries[index] }
    }

    /// The entry of a source.
    subscript(ssrc ssrc: UInt32) -> Entry? {
        let entry = self.entries[self.place(for: ssrc)]
        return entry?.ssrc == ssrc ? entry : nil
    }

    /// Everything kept, in no particular order.
    var all: [Entry] { self.entries.indices.compactMap { self.entries[$0] } }

    /// Changes everything kept.
    mutating func forEach(_ change: (inout Entry) -> Void) {
        for index in self.entries.indices where self.entries[index] != nil {
            if var entry = self.entries[index] {
                change(&entry)
                self.entries[index] = entry
            }
        }
    }

    /// Where a source is; if it is nowhere, where it should go: a free place, or that of the longest silent source.
    func place(for ssrc: UInt32) -> Int {
        var candidate: Int?
        var longestSilence: MonotonicTime?
        for index in self.entries.indices {
            guard let entry = self.entries[index] else {
                // Entries fill up from the front and are never removed: nothing follows a free place.
                return index
            }
            if entry.ssrc == ssrc { return index }
            if let silence = longestSilence, entry.lastHeard >= silence { continue }
            longestSilence = entry.lastHeard
            candidate = index
        }
        return candidate ?? 0
    }
}

extension SSRCSlots: Sendable where Entry: Sendable {}
