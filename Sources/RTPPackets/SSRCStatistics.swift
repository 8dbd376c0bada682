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

    /// Begins with the first packet of a source.
    init(_ header: RTPHeader, bytes: Int, at now: MonotonicTime, clockRate: UInt32) {
        self.ssrc = header.ssrc
        self.sequence = SequenceStatistics(first: header.sequenceNumber)
        self.jitter = JitterEstimator(timestamp: header.timestamp, at: now, clockRate: clockRate)
        self.bytes = UInt64(clamping: bytes)
        self.payloadType = header.payloadType
        self.lastTimestamp = header.timestamp
        self.firstHeard = now
        self.lastHeard = now
    }

    /// Packets that arrived, duplicates included.
    public var packets: UInt64 { self.sequence.received }

    mutating func receive(_ header: RTPHeader, bytes: Int, at now: MonotonicTime, clockRate: UInt32) {
        self.bytes &+= UInt64(clamping: bytes)
        self.lastHeard = now
        let arrival = self.sequence.receive(header.sequenceNumber)
        guard arrival != .duplicate, arrival != .stray else { return }
        self.payloadType = header.payloadType
        self.lastTimestamp = header.timestamp
        if arrival == .restart || arrival == .afterInterruption {
            self.jitter.rebase(timestamp: header.timestamp, at: now)
        } else {
            self.jitter.receive(timestamp: header.timestamp, at: now, clockRate: clockRate)
        }
    }

    mutating func interrupt() { self.sequence.interrupt() }

    mutating func resume() { self.sequence.resume() }
}

extension SSRCStatistics: SSRCKeyed {
    static var vacant: SSRCStatistics { SSRCStatistics() }

    private init() {
        let start = MonotonicTime(nanoseconds: 0)
        self.ssrc = 0
        self.sequence = SequenceStatistics(first: 0)
        self.jitter = JitterEstimator(timestamp: 0, at: start, clockRate: ClockRates.defaultHertz)
        self.bytes = 0
        self.payloadType = 0
        self.lastTimestamp = 0
        self.firstHeard = start
        self.lastHeard = start
    }
}
