internal import RTPPackets
internal import RelayPlanning

extension ClockRates {
    /// The static payload types and what an SDP names; where it names one twice, the first counts.
    init(_ rates: [PayloadClockRate]) {
        self = .standard
        for rate in rates.reversed() { self[rate.payloadType] = rate.hertz }
        if let first = rates.first, first.hertz > 0 { self.primary = first.hertz }
    }
}
