import CallControl
import RTPPackets
import RelayPlanning
import WireFormat

/// Sums of values that were sampled, with which averages and deviations are made.
struct SampledSum: Sendable, Equatable {
    var sum = 0.0
    var squares = 0.0
    var samples: UInt64 = 0

    /// Takes one value.
    mutating func add(_ value: Double) {
        self.sum += value
        self.squares += value * value
        self.samples &+= 1
    }

    /// Takes sums of values that are to be divided by `divisor`.
    mutating func add(_ other: SampleSum, dividedBy divisor: Double = 1) {
        self.sum += Double(other.sum) / divisor
        self.squares += other.squares / (divisor * divisor)
        self.samples &+= other.count
    }

    /// The mean; zero without samples.
    var average: Double { self.samples == 0 ? 0 : self.sum / Double(self.samples) }

    /// The standard deviation; zero without samples.
    var deviation: Double {
        guard self.samples > 0 else { return 0 }
        let variance = self.squares / Double(self.samples) - self.average * self.average
        return variance > 0 ? variance.squareRoot() : 0
    }
}

/// The quality of the streams of calls that have ended, in rtpengine's units.
struct QualityTotals: Sendable, Equatable {
    /// Mean opinion scores, 1 to 5.
    var scores = SampledSum()
    /// Jitter as parties reported it, in milliseconds.
    var jitter = SampledSum()
    /// End-to-end round trips in microseconds.
    var roundTrip = SampledSum()
    /// Round trips of one leg in microseconds.
    var legRoundTrip = SampledSum()
    /// Packet loss as parties reported it, in per cent.
    var packetLoss = SampledSum()
    /// Jitter as it was measured here in userspace, in milliseconds; one sample for each source.
    var measuredJitter = SampledSum()
    var packetsLost: UInt64 = 0
    var duplicates: UInt64 = 0
    var resets: UInt64 = 0
    var reordered: UInt64 = 0

    /// Adds what was known of one source at one port.
    mutating func add(_ source: SSRCQuality) {
        if let received = source.received {
            self.measuredJitter.add(Double(received.jitter.microseconds) / 1000)
            self.packetsLost &+= received.sequence.lost
            self.duplicates &+= received.sequence.duplicates
            self.resets &+= UInt64(received.sequence.restarts)
            self.reordered &+= received.sequence.reordered
        }
        guard let history = source.reported?.history else { return }
        self.scores.add(history.scoreTenths, dividedBy: 10)
        self.jitter.add(history.jitterMicroseconds, dividedBy: 1000)
        self.roundTrip.add(history.roundTripMicroseconds)
        self.legRoundTrip.add(history.legRoundTripMicroseconds)
        self.packetLoss.add(history.packetLossPercent)
    }
}

/// What can only be counted when a call ends, and other counts since the start.
struct RelayTotals: Sendable {
    /// Seconds that calls lasted.
    var durations = SampledSum()
    /// Streams of ended calls of which neither direction had a packet.
    var zeroPacketStreams: UInt64 = 0
    /// Streams of ended calls of which only one direction had packets.
    var oneWaySessions: UInt64 = 0
    /// Quality over all addresses.
    var quality = QualityTotals()
    /// Quality by our address that faced the party.
    var qualityByAddress: [IPAddress: QualityTotals] = [:]
    /// Flows that the kernel did not take.
    var kernelRefusals: UInt64 = 0

    /// Counts a call's first media section between two parties, as rtpengine does.
    mutating func countDirections(of call: CallReport, received: (RelayPortID) -> UInt64) {
        var ports: [RelayPortID: PortPlan] = [:]
        for party in call.parties {
            let current = party.media.lazy.flatMap(\.ports).first {
                $0.isCurrent && $0.plan.component == .rtp
            }
            if let plan = current?.plan { ports[plan.id] = plan }
        }
        for (id, plan) in ports {
            // Each pair once.
            guard let sink = plan.sink, id < sink, ports[sink]?.sink == id else { continue }
            switch (received(id) > 0, received(sink) > 0) {
            case (false, false): self.zeroPacketStreams &+= 1
            case (true, false), (false, true): self.oneWaySessions &+= 1
            case (true, true): break
            }
        }
    }

    /// Adds what was known of the sources heard on a port.
    mutating func add(_ sources: [SSRCQuality], at local: IPAddress) {
        for source in sources {
            self.quality.add(source)
            self.qualityByAddress[local, default: QualityTotals()].add(source)
        }
    }
}

/// What passes in a second, from counters that only grow.
struct TrafficRates: Sendable, Equatable {
    /// Packets, octets and errors a second.
    struct Rate: Sendable, Equatable {
        var packets: UInt64 = 0
        var bytes: UInt64 = 0
        var errors: UInt64 = 0
    }

    private struct Reading: Equatable {
        var traffic: TrafficCounters
        var errors: UInt64
        var at: MonotonicTime
    }

    private(set) var userspace = Rate()
    private(set) var kernel = Rate()
    private var lastUserspace: Reading?
    private var lastKernel: Reading?

    /// The kernel's counters are read every few seconds only: a reading without growth counts after this time.
    static let kernelPatience = 15.0

    /// Takes the counters of this moment.
    mutating func measure(
        userspace: TrafficCounters, errors: UInt64, kernel: TrafficCounters, at now: MonotonicTime
    ) {
        let user = Reading(traffic: userspace, errors: errors, at: now)
        if let last = self.lastUserspace { self.userspace = Self.rate(from: last, to: user) }
        self.lastUserspace = user
        let reading = Reading(traffic: kernel, errors: 0, at: now)
        guard let last = self.lastKernel else {
            self.lastKernel = reading
            return
        }
        guard kernel != last.traffic || now.seconds(since: last.at) >= Self.kernelPatience else { return }
        self.kernel = Self.rate(from: last, to: reading)
        self.lastKernel = reading
    }

    private static func rate(from last: Reading, to now: Reading) -> Rate {
        let seconds = max(now.at.seconds(since: last.at), 0.001)
        func each(_ before: UInt64, _ after: UInt64) -> UInt64 {
            after > before ? UInt64((Double(after - before) / seconds).rounded()) : 0
        }
        return Rate(
            packets: each(last.traffic.packets, now.traffic.packets),
            bytes: each(last.traffic.bytes, now.traffic.bytes), errors: each(last.errors, now.errors))
    }
}
