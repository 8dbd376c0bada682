import SDPGrammar
import WireFormat

extension MediaDescription {
    /// The encoding name of the first format, for reports: `PCMU`.
    func firstCodecName(in maps: [RTPMap]) -> String? {
        guard let first = self.formats.first else { return nil }
        return maps.first { String($0.payloadType) == first }.map {
            $0.channels > 1
                ? "\($0.encodingName)/\($0.clockRate)/\($0.channels)" : "\($0.encodingName)/\($0.clockRate)"
        }
    }
}

extension RTPMap {
    /// True for telephone events (RFC 4733, section 7.1.1).
    var isTelephoneEvent: Bool { self.encodingName.lowercased() == "telephone-event" }

    /// True if both mean the same codec, whatever its number.
    func isSameCodec(as other: RTPMap) -> Bool {
        self.clockRate == other.clockRate && self.channels == other.channels
            && self.encodingName.lowercased() == other.encodingName.lowercased()
    }
}

extension SessionDescription {
    /// True if any section comes with ICE.
    var usesICE: Bool { self.media.contains { self.hasICE(for: $0) } }
}
