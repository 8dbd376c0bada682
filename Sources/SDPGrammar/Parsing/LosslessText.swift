/// Keeps arbitrary octets in a `String` without losing any, so that a Latin-1 session name survives the relay.
///
/// SDP text is UTF-8 unless `a=charset` says otherwise (RFC 8866, section 4.5), and phones write other encodings without
/// saying so. Valid UTF-8 becomes the text it is. Every octet that is not part of valid UTF-8 becomes one scalar of a
/// private range, U+10F780 to U+10F7FF; ``restoreOctets(of:)`` turns these back. Text that already contains such a scalar
/// is treated like invalid octets, which keeps the mapping reversible for every input.
enum LosslessText {
    /// Where the scalars that stand for octets begin: an octet is added to this.
    private static let escapeBase: UInt32 = 0x10F700
    private static let escapeRange: ClosedRange<UInt32> = 0x10F780...0x10F7FF

    /// The text of octets of which at least one is not ASCII.
    static func decode(_ octets: ArraySlice<UInt8>) -> String {
        if !octets.contains(0xF4), let text = String(validating: octets, as: UTF8.self) { return text }
        var text = ""
        var parser = Unicode.UTF8.ForwardParser()
        var iterator = octets.makeIterator()
        var index = octets.startIndex
        while true {
            switch parser.parseScalar(from: &iterator) {
            case .valid(let encoded):
                let scalar = Unicode.UTF8.decode(encoded)
                if Self.escapeRange.contains(scalar.value) {
                    for octet in encoded { Self.appendEscape(of: octet, to: &text) }
                } else {
                    text.unicodeScalars.append(scalar)
                }
                index += encoded.count
            case .error(let length):
                for octet in octets[index..<index + length] { Self.appendEscape(of: octet, to: &text) }
                index += length
            case .emptyInput:
                return text
            }
        }
    }

    private static func appendEscape(of octet: UInt8, to text: inout String) {
        guard let scalar = Unicode.Scalar(Self.escapeBase + UInt32(octet)) else { return }
        text.unicodeScalars.append(scalar)
    }

    /// Turns the UTF-8 form of each escape (F4 8F 9E xx, F4 8F 9F xx) back into the octet it stands for.
    static func restoreOctets(of octets: inout [UInt8]) {
        guard var source = octets.firstIndex(of: 0xF4) else { return }
        var target = source
        while source < octets.count {
            if octets.count - source >= 4, octets[source] == 0xF4, octets[source + 1] == 0x8F,
                octets[source + 2] | 1 == 0x9F
            {
                octets[target] = 0x80 | (octets[source + 2] & 1) << 6 | octets[source + 3] & 0x3F
                source += 4
            } else {
                octets[target] = octets[source]
                source += 1
            }
            target += 1
        }
        octets.removeLast(octets.count - target)
    }
}
