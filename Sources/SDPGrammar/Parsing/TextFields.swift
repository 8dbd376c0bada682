/// Why one field of a line is wrong; the parser adds the line's number.
struct FieldError: Error {
    var reason: String
}

extension StringProtocol where SubSequence == Substring {
    /// The parts between runs of spaces and tabs. Octets decide, not characters, so a combining mark hides no separator.
    var fields: [Substring] {
        Substring(self).utf8.split { $0 == 0x20 || $0 == 0x09 }.map(Substring.init)
    }

    /// What precedes the first occurrence of an ASCII octet and what follows it; nil if it does not occur.
    func cut(at separator: UInt8) -> (head: Substring, tail: Substring)? {
        let octets = Substring(self).utf8
        guard let index = octets.firstIndex(of: separator) else { return nil }
        return (Substring(octets[..<index]), Substring(octets[octets.index(after: index)...]))
    }

    /// The text without spaces and tabs at its ends.
    var trimmed: Substring {
        var octets = Substring(self).utf8
        while let octet = octets.first, octet == 0x20 || octet == 0x09 { octets.removeFirst() }
        while let octet = octets.last, octet == 0x20 || octet == 0x09 { octets.removeLast() }
        return Substring(octets)
    }
}

extension StringProtocol {
    /// The value of one or more decimal digits and nothing else; nil if it exceeds `maximum`.
    func decimal<Number: FixedWidthInteger>(upTo maximum: Number = .max) -> Number? {
        var value: Number = 0
        var hasDigits = false
        for octet in self.utf8 {
            guard (0x30...0x39).contains(octet) else { return nil }
            let (shifted, overflowed) = value.multipliedReportingOverflow(by: 10)
            let (sum, carried) = shifted.addingReportingOverflow(Number(octet & 0x0F))
            guard !overflowed, !carried, sum <= maximum else { return nil }
            value = sum
            hasDigits = true
        }
        return hasDigits ? value : nil
    }
}
