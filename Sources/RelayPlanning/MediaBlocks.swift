/// What of a party's RTP is thrown away (ng.md 1.4, `block DTMF`, `block media`).
///
/// What is left keeps its sequence numbers, as in rtpengine: receivers see a gap.
public struct MediaBlocks: OptionSet, Sendable, Hashable {
    /// One bit a kind.
    public let rawValue: UInt8

    /// Wraps a bit set.
    public init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// Telephone events (RFC 4733).
    public static let events = MediaBlocks(rawValue: 1 << 0)
    /// All RTP but telephone events, and opaque payload.
    public static let media = MediaBlocks(rawValue: 1 << 1)
    /// Everything, RTCP too (`drop-traffic`).
    public static let traffic = MediaBlocks(rawValue: 1 << 2)
}

/// A set of RTP payload types, 0 to 127, without a heap.
public struct PayloadTypeSet: Sendable, Hashable {
    private var low: UInt64 = 0
    private var high: UInt64 = 0

    /// An empty set.
    public init() {}

    /// A set of the given payload types; the highest bit of each is not looked at.
    public init(_ payloadTypes: some Sequence<UInt8>) {
        for payloadType in payloadTypes { self.insert(payloadType) }
    }

    /// True if nothing is in it.
    public var isEmpty: Bool { self.low == 0 && self.high == 0 }

    /// Adds a payload type.
    public mutating func insert(_ payloadType: UInt8) {
        let bit = UInt64(1) << UInt64(payloadType & 63)
        if payloadType & 64 == 0 { self.low |= bit } else { self.high |= bit }
    }

    /// True if a payload type is in it.
    @inlinable
    public func contains(_ payloadType: UInt8) -> Bool {
        self.word(payloadType) >> UInt64(payloadType & 63) & 1 == 1
    }

    @usableFromInline
    func word(_ payloadType: UInt8) -> UInt64 { payloadType & 64 == 0 ? self.low : self.high }
}

/// Names a recording for as long as it lasts.
public struct RecordingID: Hashable, Sendable {
    /// The number; never used twice.
    public let rawValue: UInt32

    /// Wraps a number.
    public init(rawValue: UInt32) {
        self.rawValue = rawValue
    }
}
