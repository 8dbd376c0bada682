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

    /// Sums of the scores, each times ten.
    public private(set) var scoreTenths = SampleSum()
    /// Sums of packet loss in per cent.
    public private(set) var packetLossPercent = SampleSum()
    /// Sums of jitter in microseconds.
    public private(set) var jitterMicroseconds = SampleSum()
    /// Sums of end-to-end round trips in microseconds.
    public private(set) var roundTripMicroseconds = SampleSum()
    /// Sums of the reporting party's leg of them.
    public private(set) var legRoundTripMicroseconds = SampleSum()

    /// No samples.
    public init() {}

    /// The averages, rounded, with the time of the latest sample; nil without samples.
    public var average: QualitySample? {
        guard let latest = self.latest, let score = self.scoreTenths.mean else { return nil }
        return QualitySample(
            scoreTenths: UInt8(clamping: score), reportedAt: latest.reportedAt,
            packetLossPercent: UInt8(clamping: self.packetLossPercent.mean ?? 0),
            jitterMicroseconds: UInt32(clamping: self.jitterMicroseconds.mean ?? 0),
            roundTripMicroseconds: self.roundTripMicroseconds.mean.map(UInt32.init(clamping:)),
            legRoundTripMicroseconds: self.legRoundTripMicroseconds.mean.map(UInt32.init(clamping:)))
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

/// The sum of 32-bit values and of their squares, for averages and deviations; there is room for 2^32 of them.
public struct SampleSum: Sendable, Hashable {
    /// The sum.
    public private(set) var sum: UInt64 = 0
    /// The sum of the squares.
    public private(set) var squares = 0.0
    /// How many there were.
    public private(set) var count: UInt64 = 0

    /// No values.
    public init() {}

    /// Takes one more.
    public mutating func add(_ value: UInt32) {
        self.sum &+= UInt64(value)
        self.squares += Double(value) * Double(value)
        self.count &+= 1
    }

    /// The rounded mean; nil without values.
    public var mean: UInt64? {
        self.count == 0 ? nil : (self.sum &+ self.count / 2) / self.count
    }
}
