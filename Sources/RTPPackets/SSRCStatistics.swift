public import WireFormat

/// What was counted of the RTP packets of one synchronization source on one port.
public struct SSRCStatistics: Sendable, Hashable {
    /// The source.
    public let ssrc: UInt32
    /// Losses, duplicates and order.
    public private(set) var sequence: SequenceStatistics
    /// Interarrival jitter.
    public private(set) var jitter: JitterEstimator
    /// Octets of UDP payload.
    public private(set) var bytes: UInt64
    /// The payload type of the last packet.
    public private(set) var payloadType: UInt8
    /// The timestamp of the last packet.
    public private(set) var lastTimestamp: UInt32
    /// When the first packet arrived.
    public let firstHeard: MonotonicTime
    /// When the last packet arrived.
    public private(set) var lastHeard: MonotonicTime
    private var clockRate: UInt32

    /// Begins with the first packet of a source.
    init(_ header: RTPHeader, bytes: Int, at now: MonotonicTime, clockRates: ClockRates) {
        self.ssrc = header.ssrc
        self.sequence = SequenceStatistics(first: header.sequenceNumber)
        self.clockRate = clockRates[header.payloadType]
        self.jitter = JitterEstimator(timestamp: header.timestamp, at: now, clockRate: self.clockRate)
        self.bytes = UInt64(clamping: bytes)
        self.payloadType = header.payloadType
        self.lastTimestamp = header.timestamp
        self.firstHeard = now
        self.lastHeard = now
    }

    /// Packets that arrived, duplicates included.
    public var packets: UInt64 { self.sequence.received }

    mutating func receive(_ header: RTPHeader, bytes: Int, at now: MonotonicTime, clockRates: ClockRates) {
        self.bytes &+= UInt64(clamping: bytes)
        self.lastHeard = now
        let arrival = self.sequence.receive(header.sequenceNumber)
        guard arrival != .duplicate, arrival != .stray else { return }
        if header.payloadType != self.payloadType {
            self.payloadType = header.payloadType
            self.clockRate = clockRates[header.payloadType]
        }
        self.lastTimestamp = header.timestamp
        if arrival == .restart || arrival == .afterInterruption {
            self.jitter.rebase(timestamp: header.timestamp, at: now)
        } else {
            self.jitter.receive(timestamp: header.timestamp, at: now, clockRate: self.clockRate)
        }
    }

    mutating func interrupt() { self.sequence.interrupt() }

    mutating func resume() { self.sequence.resume() }
}
