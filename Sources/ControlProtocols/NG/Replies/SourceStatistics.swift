/// What is known about one synchronisation source (RFC 3550, section 3).
public struct SourceStatistics: Sendable, Equatable {
    /// The SSRC.
    public var ssrc: UInt32
    /// Packets that carried it.
    public var packets: UInt64?
    /// Octets of these packets.
    public var bytes: UInt64?
    /// RTP timestamp of the latest packet.
    public var lastTimestamp: UInt32?
    /// Extended sequence number of the latest packet.
    public var lastSequence: UInt32?
    /// Packets lost so far, from RTCP reports.
    public var cumulativeLoss: Int64?
    /// Quality from RTCP reports; nil before the first report.
    public var quality: Quality?

    /// Average and extremes of the mean opinion score.
    public struct Quality: Sendable, Hashable {
        /// Mean of all samples; its time is not reported.
        public var average: QualitySample
        /// Number of samples in the average.
        public var samples: Int
        /// The sample with the lowest score.
        public var lowest: QualitySample
        /// The sample with the highest score.
        public var highest: QualitySample

        /// Joins the samples.
        public init(average: QualitySample, samples: Int, lowest: QualitySample, highest: QualitySample) {
            self.average = average
            self.samples = samples
            self.lowest = lowest
            self.highest = highest
        }
    }

    /// A source of which nothing else is known yet.
    public init(ssrc: UInt32) {
        self.ssrc = ssrc
    }

    /// The member of `ingress SSRCs` and `egress SSRCs`: `SSRC` and everything known.
    public func encoded() -> NGValue {
        var dictionary: NGDictionary = ["SSRC": .integer(Int64(self.ssrc))]
        for entry in self.details.entries { dictionary[entry.key] = entry.value }
        return .dictionary(dictionary)
    }

    /// Everything but the SSRC, as in the call's dictionary `SSRC`.
    var details: NGDictionary {
        var dictionary = NGDictionary()
        dictionary["bytes"] = self.bytes.map { .integer(Int64(clamping: $0)) }
        dictionary["packets"] = self.packets.map { .integer(Int64(clamping: $0)) }
        dictionary["last RTP timestamp"] = self.lastTimestamp.map { .integer(Int64($0)) }
        dictionary["last RTP seq"] = self.lastSequence.map { .integer(Int64($0)) }
        dictionary["cumulative loss"] = self.cumulativeLoss.map { .integer($0) }
        guard let quality = self.quality else { return dictionary }
        var average = quality.average.dictionary
        average["samples"] = .integer(Int64(quality.samples))
        dictionary["average MOS"] = .dictionary(average)
        dictionary["lowest MOS"] = quality.lowest.encoded()
        dictionary["highest MOS"] = quality.highest.encoded()
        return dictionary
    }
}

/// One estimate of the quality of a stream.
public struct QualitySample: Sendable, Hashable {
    /// Mean opinion score times ten: 10 to 50.
    public var scoreTimesTen: Int
    /// Lost packets in percent.
    public var lossPercent: Int
    /// Interarrival jitter in milliseconds.
    public var jitterMilliseconds: Int
    /// End-to-end round trip in microseconds; nil if unknown.
    public var roundTripMicroseconds: Int?
    /// Round trip to the reporting party alone in microseconds; nil if unknown.
    public var legRoundTripMicroseconds: Int?
    /// Seconds since 1970 of the report; nil in averages.
    public var reportedAtSeconds: Int64?

    /// One sample.
    public init(
        scoreTimesTen: Int, lossPercent: Int, jitterMilliseconds: Int, roundTripMicroseconds: Int? = nil,
        legRoundTripMicroseconds: Int? = nil, reportedAtSeconds: Int64? = nil
    ) {
        self.scoreTimesTen = scoreTimesTen
        self.lossPercent = lossPercent
        self.jitterMilliseconds = jitterMilliseconds
        self.roundTripMicroseconds = roundTripMicroseconds
        self.legRoundTripMicroseconds = legRoundTripMicroseconds
        self.reportedAtSeconds = reportedAtSeconds
    }

    /// `{MOS, round-trip time, round-trip time leg, jitter, packet loss, reported at}`.
    public func encoded() -> NGValue { .dictionary(self.dictionary) }

    var dictionary: NGDictionary {
        var dictionary: NGDictionary = ["MOS": .integer(Int64(self.scoreTimesTen))]
        dictionary["round-trip time"] = self.roundTripMicroseconds.map { .integer(Int64($0)) }
        dictionary["round-trip time leg"] = self.legRoundTripMicroseconds.map { .integer(Int64($0)) }
        dictionary["jitter"] = .integer(Int64(self.jitterMilliseconds))
        dictionary["packet loss"] = .integer(Int64(self.lossPercent))
        dictionary["reported at"] = self.reportedAtSeconds.map { .integer($0) }
        return dictionary
    }
}
