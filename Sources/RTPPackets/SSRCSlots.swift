import WireFormat

/// Something kept for one synchronization source.
protocol SSRCKeyed {
    /// What fills places that are not in use yet.
    static var vacant: Self { get }
    /// The source.
    var ssrc: UInt32 { get }
    /// When it was last heard of: the longest silent one makes room for a newcomer.
    var lastHeard: MonotonicTime { get }
}

/// Four places for what is kept per source; fixed size, no heap.
///
/// Entries are not optional: changing one inside an optional copies it twice, which cost 40 ns a packet.
struct SSRCSlots<Entry: SSRCKeyed> {
    /// How many sources are kept.
    static var capacity: Int { 4 }

    private var entries = InlineArray<4, Entry>(repeating: .vacant)
    /// How many places are in use; they fill up from the front and are never freed.
    private(set) var count = 0

    /// The entry in a place in use.
    subscript(index: Int) -> Entry {
        get { self.entries[index] }
        _modify { yield &self.entries[index] }
    }

    /// Everything kept, in no particular order.
    var all: [Entry] { (0..<self.count).map { self.entries[$0] } }

    /// The place of a source, if it has one.
    func index(of ssrc: UInt32) -> Int? {
        for index in 0..<self.count where self.entries[index].ssrc == ssrc { return index }
        return nil
    }

    /// Finds a place for a newcomer, which the caller knows not to have one: a free one, or that of the longest silent
    /// source, which is forgotten.
    mutating func insert(_ entry: Entry) -> Int {
        var place = 0
        if self.count < Self.capacity {
            place = self.count
            self.count &+= 1
        } else {
            for index in 1..<self.count where self.entries[index].lastHeard < self.entries[place].lastHeard {
                place = index
            }
        }
        self.entries[place] = entry
        return place
    }
}

extension SSRCSlots: Sendable where Entry: Sendable {}
