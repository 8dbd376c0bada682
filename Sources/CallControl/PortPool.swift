/// The even ports of a range as a queue: shuffled at the start, those given back go to the end (ng.md, ports).
///
/// A fixed ring of port numbers: taking and giving back cost the same however many are free.
public struct PortPool: Sendable {
    private var ring: [UInt16]
    private var head = 0
    /// How many pairs are free.
    public private(set) var freeCount: Int
    /// How many pairs there are in all.
    public var totalCount: Int { self.ring.count }

    /// All even ports of `range` whose odd neighbour is in the range too, in an order that `seed` decides.
    /// Pairs of which a port is in `excluded` are left out.
    public init(range: ClosedRange<UInt16>, excluding excluded: Set<UInt16> = [], seed: UInt64) {
        var ports: [UInt16] = []
        var port = Int(range.lowerBound) + Int(range.lowerBound & 1)
        while port + 1 <= Int(range.upperBound) {
            if let even = UInt16(exactly: port), even > 0, !excluded.contains(even),
                !excluded.contains(even + 1)
            {
                ports.append(even)
            }
            port += 2
        }
        var generator = SplitMix64(state: seed)
        ports.shuffle(using: &generator)
        self.ring = ports
        self.freeCount = ports.count
    }

    /// The even port of the pair that has been free longest; nil if none is.
    public mutating func take() -> UInt16? {
        guard self.freeCount > 0 else { return nil }
        let port = self.ring[self.head]
        self.head = (self.head + 1) % self.ring.count
        self.freeCount -= 1
        return port
    }

    /// Puts a pair back at the end of the queue; the caller vouches that it was taken.
    public mutating func giveBack(_ even: UInt16) {
        guard self.freeCount < self.ring.count else { return }
        self.ring[(self.head + self.freeCount) % self.ring.count] = even
        self.freeCount += 1
    }
}

/// Steele, Lea and Flood's SplitMix64: enough for an order of ports, which need not be secret.
struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = self.state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
