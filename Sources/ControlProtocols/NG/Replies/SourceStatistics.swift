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
    public func encoded() -> NGValue { .written { self.write(to: &$0, withSSRC: true) } }

    /// Writes the dictionary of the source; in the call's dictionary `SSRC` its number is the key already.
    func write(to writer: inout NGWriter, withSSRC: Bool) {
        writer.beginDictionary()
        if withSSRC { writer.integer(self.ssrc, for: "SSRC") }
        writer.integer(self.bytes, for: "bytes")
        writer.integer(self.packets, for: "packets")
        writer.integer(self.lastTimestamp, for: "last RTP timestamp")
        writer.integer(self.lastSequence, for: "last RTP seq")
        writer.integer(self.cumulativeLoss, for: "cumulative loss")
        if let quality = self.quality {
            writer.key("average MOS")
            quality.average.write(to: &writer, samples: quality.samples)
            writer.key("lowest MOS")
            quality.lowest.write(to: &writer)
            writer.key("highest MOS")
            quality.highest.write(to: &writer)
        }
        writer.endDictionary()
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
    public func encoded() -> NGValue { .written { self.write(to: &$0) } }

    func write(to writer: inout NGWriter, samples: Int? = nil) {
        writer.beginDictionary()
        writer.integer(self.scoreTimesTen, for: "MOS")
        writer.integer(self.roundTripMicroseconds, for: "round-trip time")
        writer.integer(self.legRoundTripMicroseconds, for: "round-trip time leg")
        writer.integer(self.jitterMilliseconds, for: "jitter")
        writer.integer(self.lossPercent, for: "packet loss")
        writer.integer(self.reportedAtSeconds, for: "reported at")
        writer.integer(samples, for: "samples")
        writer.endDictionary()
    }
}
