import WireFormat

/// How well the source of a packet matches the signalled address, worst first.
enum SourceMatch: UInt8, Sendable, Hashable, Comparable {
    case anything
    case port
    case address
    case full

    /// Compares a source with the usable signalled address, if there is one.
    init(of source: TransportAddress, with signalled: TransportAddress?) {
        guard let signalled, source.family == signalled.family else {
            self = .anything
            return
        }
        switch (source.address == signalled.address, source.port == signalled.port) {
        case (true, true): self = .full
        case (true, false): self = .address
        case (false, true): self = .port
        case (false, false): self = .anything
        }
    }

    static func < (one: Self, other: Self) -> Bool { one.rawValue < other.rawValue }
}
