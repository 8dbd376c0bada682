extension MediaDescription {
    /// `a=ptime`: milliseconds of media in a packet that the party likes to receive (RFC 8866, section 6.4).
    public var packetTimeMilliseconds: Double? {
        self.firstValue(ofAttribute: "ptime").flatMap(Self.positiveReal)
    }

    /// `a=maxptime`: the most milliseconds of media in a packet that the party takes (RFC 8866, section 6.5).
    public var maximumPacketTimeMilliseconds: Double? {
        self.firstValue(ofAttribute: "maxptime").flatMap(Self.positiveReal)
    }

    /// Digits with at most one point; `Double` alone would also read `nan`, `inf` and hexadecimal.
    private static func positiveReal(_ text: Substring) -> Double? {
        let isReal = text.utf8.allSatisfy { (0x30...0x39).contains($0) || $0 == UInt8(ascii: ".") }
        guard isReal, text.utf8.count <= 16, let value = Double(text), value > 0 else { return nil }
        return value
    }
}
