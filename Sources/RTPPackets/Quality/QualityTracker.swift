public import WireFormat

/// What is measured on one relay port: the RTP its party sends, and the reports its party makes by RTCP.
///
/// One instance per port, owned by the thread that reads the port; fixed size, nothing is allocated after `init` but
/// by ``sources``. The party on the other port is reported on *here*, so a datagram of RTCP concerns both trackers:
///
/// ```swift
/// let relayed = try here.receiveRTCP(bytes, at: now, otherSide: there.asOtherSide)
/// there.remember(relayed)
/// ```
///
/// `there` is the tracker of the port the datagram leaves by. Without it (no peer) pass nil.
public struct QualityTracker: Sendable {
    private var clockRates: ClockRates
    private let scoring: QualityScoring
    private var heard = SSRCTable()
    private var sent = SSRCSlots<SenderActivity>()
    private var reported = SSRCSlots<ReportedQuality>()
    private var departed = SenderReportMemory()
    private var legMeasuredAt = MonotonicTime(nanoseconds: 0)

    /// The latest round trip between the relay and this port's party, in microseconds.
    public private(set) var legRoundTripMicroseconds: UInt32?

    /// A tracker that has seen nothing.
    ///
    /// - Parameters:
    ///   - clockRates: of the payload types of this media section.
    ///   - scoring: what the scores speak of.
    public init(clockRates: ClockRates = .standard, scoring: QualityScoring = .conversational) {
        self.clockRates = clockRates
        self.scoring = scoring
    }

    /// Takes the clock rates of a new description of the media section.
    public mutating func change(clockRates: ClockRates) { self.clockRates = clockRates }

    /// Counts one RTP packet that arrived on this port; `bytes` is the length of the UDP payload.
    public mutating func receiveRTP(_ header: RTPHeader, bytes: Int, at now: MonotonicTime) {
        self.heard.receiveRTP(
            header, bytes: bytes, at: now, clockRate: self.clockRates[header.payloadType])
    }

    /// Says that RTP goes another way from now on (the kernel path): gaps in what is still seen here are no losses.
    public mutating func interruptRTP() { self.heard.interrupt() }

    /// Says that RTP comes this way again.
    public mutating func resumeRTP() { self.heard.resume() }

    /// Reads an RTCP datagram that arrived on this port; throws if it is malformed, with nothing changed.
    public mutating func receiveRTCP(
        _ bytes: RawSpan, at now: MonotonicTime, otherSide: OtherSide?
    ) throws(RTCPError) -> RelayedReports {
        var compound = try RTCPCompound(bytes)
        var relayed = RelayedReports()
        while let packet = compound.nextPacket() {
            if let report = packet.senderReport {
                let activity = SenderActivity(report: report, reportedAt: now)
                if let place = self.sent.index(of: report.ssrc) {
                    self.sent[place] = activity
                } else {
                    _ = self.sent.insert(activity)
                }
                relayed.append(
                    SenderReportMark(ssrc: report.ssrc, ntpMiddle: report.ntpMiddle, arrival: now))
            }
            for index in 0..<packet.reportBlockCount {
                guard let block = packet.reportBlock(at: index) else { break }
                self.receive(block, at: now, otherSide: otherSide)
            }
        }
        return relayed
    }

    /// Remembers the sender reports of a datagram that leaves by this port, to measure the leg with.
    public mutating func remember(_ relayed: RelayedReports) {
        for index in relayed.marks.indices {
            guard let mark = relayed.marks[index] else { return }
            self.departed.remember(mark)
        }
    }

    /// What the tracker across the relay needs to know of this side.
    public var asOtherSide: OtherSide {
        var clocks = InlineArray<4, KnownClock?>(repeating: nil)
        for index in 0..<min(self.heard.count, clocks.count) { clocks[index] = self.heard.clock(at: index) }
        return OtherSide(
            legMicroseconds: self.legRoundTripMicroseconds, legMeasuredAt: self.legMeasuredAt,
            clockRates: clocks)
    }

    /// Everything known at this port, by source: what its party sends, and what it reported on the other party's
    /// streams. See ``SSRCQuality/joined(_:)``.
    public var sources: [SSRCQuality] {
        var heard: [SSRCQuality] = []
        for statistics in self.heard.all {
            var quality = SSRCQuality(ssrc: statistics.ssrc)
            quality.received = statistics
            heard.append(quality)
        }
        let sent = self.sent.all.map { activity in
            var quality = SSRCQuality(ssrc: activity.report.ssrc)
            quality.sent = activity
            return quality
        }
        let reported = self.reported.all.map { report in
            var quality = SSRCQuality(ssrc: report.ssrc)
            quality.reported = report
            return quality
        }
        return SSRCQuality.joined([heard, sent, reported])
    }

    private mutating func receive(_ block: ReportBlock, at now: MonotonicTime, otherSide: OtherSide?) {
        var trip = MeasuredTrip()
        if let passed = self.departed.arrival(namedBy: block) {
            trip.leg = RoundTrip.legMicroseconds(
                sent: passed, returned: now, delay: block.delaySinceLastSenderReport)
        }
        if let leg = trip.leg {
            self.legRoundTripMicroseconds = leg
            self.legMeasuredAt = now
            trip.endToEnd = otherSide?.legMicroseconds(at: now).map { leg &+ $0 }
        }
        let clockRate = otherSide?.clockRate(of: block.ssrc) ?? self.clockRates.primary
        let place =
            self.reported.index(of: block.ssrc) ?? self.reported.insert(ReportedQuality(block, at: now))
        self.reported[place].receive(
            block, at: now, clockRate: clockRate, trip: trip, scoring: self.scoring)
    }
}
