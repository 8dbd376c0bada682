/// The lowest, the highest and the average of the samples of one stream.
public struct QualityHistory: Sendable, Hashable {
    /// How many samples there were.
    public private(set) var samples: UInt64 = 0
    /// The first sample with the lowest score.
    public private(set) var lowest: QualitySample?
    /// The first sample with the highest score.
    public private(set) var highest: QualitySample?
    /// The latest sample.
    public private(set) var latest: QualitySample?

    private var scoreTenths = Mean()
    private var packetLossPercent = Mean()
    private var jitterMicroseconds = Mean()
    private var roundTripMicroseconds = Mean()
    private var legRoundTripMicroseconds = Mean()

    /// No samples.
    public init() {}

    /// The averages, rounded, with the time of the latest sample; nil without samples.
    public var average: QualitySample? {
        guard let latest = self.latest, let score = self.scoreTenths.value else { return nil }
        return QualitySample(
            scoreTenths: UInt8(clamping: score), reportedAt: latest.reportedAt,
            packetLossPercent: UInt8(clamping: self.packetLossPercent.value ?? 0),
            jitterMicroseconds: UInt32(clamping: self.jitterMicroseconds.value ?? 0),
            roundTripMicroseconds: self.roundTripMicroseconds.value.map(UInt32.init(clamping:)),
            legRoundTripMicroseconds: self.legRoundTripMicroseconds.value.map(UInt32.init(clamping:)))
    }

    /// Takes one more sample.
    public mutating func add(_ sample: QualitySample) {
        self.samples &+= 1
        self.latest = sample
        if self.lowest.map({ sample.scoreTenths < $0.scoreTenths }) ?? true { self.lowest = sample }
        if self.highest.map({ sample.scoreTenths > $0.scoreTenths }) ?? true { self.highest = sample }
        self.scoreTenths.add(UInt32(sample.scoreTenths))
        self.packetLossPercent.add(UInt32(sample.packetLossPercent))
        self.jitterMicroseconds.add(sample.jitterMicroseconds)
        if let roundTrip = sample.roundTripMicroseconds { self.roundTripMicroseconds.add(roundTrip) }
        if let leg = sample.legRoundTripMicroseconds { self.legRoundTripMicroseconds.add(leg) }
    }
}

/// A running mean of 32-bit values; the sum has room for 2^32 of them.
private struct Mean: Sendable, Hashable {
    private var sum: UInt64 = 0
    private var count: UInt64 = 0

    mutating func add(_ value: UInt32) {
        self.sum &+= UInt64(value)
        self.count &+= 1
    }

    var value: UInt64? { self.count == 0 ? nil : (self.sum &+ self.count / 2) / self.count }
}
