/// A small deterministic generator (Steele, Lea, Flood 2014).
struct SplitMix64: Sendable {
    private var state: UInt64

    init(seed: UInt64) { self.state = seed }

    mutating func next() -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = self.state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func below(_ bound: Int) -> Int { Int(self.next() % UInt64(bound)) }

    /// One to four small changes: octets replaced or removed or doubled, bits flipped, the end cut off.
    mutating func mutated(_ seed: [UInt8]) -> [UInt8] {
        var bytes = seed
        for _ in 0...self.below(4) where !bytes.isEmpty {
            let place = self.below(bytes.count)
            switch self.below(6) {
            case 0: bytes[place] = UInt8(truncatingIfNeeded: self.next())
            case 1: bytes[place] ^= 1 << UInt8(self.below(8))
            case 2: bytes.remove(at: place)
            case 3: bytes.insert(bytes[place], at: place)
            case 4: bytes.removeLast(self.below(bytes.count))
            default: bytes[min(place, 3)] = [0, 1, 2, 7, 0x7F, 0x80, 0xBF, 0xFF][self.below(8)]
            }
        }
        return bytes
    }
}
