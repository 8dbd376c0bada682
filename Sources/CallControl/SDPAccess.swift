import RelayPlanning
import SDPGrammar
import WireFormat

extension MediaDescription {
    /// The encoding name of the first format, for reports: `PCMU`.
    var firstCodecName: String? {
        guard let first = self.formats.first, self.isRTP else { return nil }
        return self.rtpMaps.first { String($0.payloadType) == first }.map {
            $0.channels > 1
                ? "\($0.encodingName)/\($0.clockRate)/\($0.channels)" : "\($0.encodingName)/\($0.clockRate)"
        }
    }

    /// The clock rates of the section's payload types in the order of the formats.
    var clockRates: [PayloadClockRate] {
        guard self.isRTP else { return [] }
        return self.rtpMaps.map { PayloadClockRate(payloadType: $0.payloadType, hertz: $0.clockRate) }
    }
}

extension SessionDescription {
    /// True if any section comes with ICE.
    var usesICE: Bool { self.media.contains { self.hasICE(for: $0) } }
}
