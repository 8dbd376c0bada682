/// `b=MODIFIER:VALUE` (RFC 8866, section 5.8; RFC 3556; RFC 3890).
public struct Bandwidth: Sendable, Hashable {
    /// `AS`, `CT`, `TIAS`, `RS`, `RR`, …
    public var modifier: String
    /// Kilobits a second for `AS` and `CT`, bits a second for `TIAS`, `RS` and `RR`.
    public var value: UInt64

    /// Reads the value of a `b=` line; nil if it is malformed.
    public init?(_ line: String) {
        guard let (modifier, value) = line.cut(at: UInt8(ascii: ":")) else { return nil }
        guard !modifier.isEmpty, let number: UInt64 = value.trimmed.decimal() else { return nil }
        self.modifier = String(modifier)
        self.value = number
    }
}

extension SessionDescription {
    /// The session's well-formed `b=` lines.
    public var bandwidths: [Bandwidth] {
        self.otherLines.compactMap { $0.type == "b" ? Bandwidth($0.value) : nil }
    }
}

extension MediaDescription {
    /// The section's well-formed `b=` lines.
    public var bandwidths: [Bandwidth] {
        self.otherLines.compactMap { $0.type == "b" ? Bandwidth($0.value) : nil }
    }
}
