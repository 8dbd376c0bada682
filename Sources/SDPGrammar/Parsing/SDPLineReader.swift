/// One `TYPE=VALUE` line of the input.
struct SDPLine {
    /// Counted from 1, blank lines included.
    var number: Int
    /// The octet before the equals sign: an ASCII letter.
    var type: UInt8
    /// The text after it.
    var value: String
}

/// Cuts octets into lines: CRLF, bare LF or both, blank lines skipped, a missing last line end accepted.
struct SDPLineReader {
    private let octets: [UInt8]
    private var position = 0
    private var lineNumber = 0
    /// The end of the first line: what the output will use.
    private(set) var lineEnd: String?

    init(_ octets: [UInt8]) {
        self.octets = octets
    }

    /// The next line that is not blank; nil at the end.
    mutating func next() throws(SDPError) -> SDPLine? {
        while self.position < self.octets.count {
            self.lineNumber += 1
            guard self.lineNumber <= SDPLimits.lines else {
                throw SDPError(line: self.lineNumber, reason: "more than \(SDPLimits.lines) lines")
            }
            let start = self.position
            let extent = try self.scanLine()
            if extent.end > start {
                return try self.line(start..<extent.end, isASCII: extent.isASCII)
            }
        }
        return nil
    }

    /// Moves behind the next line feed; the end excludes the line end.
    private mutating func scanLine() throws(SDPError) -> (end: Int, isASCII: Bool) {
        var end = self.position
        var union: UInt8 = 0
        var firstReturn = Int.max
        while end < self.octets.count {
            let octet = self.octets[end]
            if octet == 0x0A { break }
            union |= octet
            if octet == 0x0D, end < firstReturn { firstReturn = end }
            if octet == 0 {
                throw SDPError(line: self.lineNumber, reason: "the line holds a NUL octet")
            }
            end += 1
        }
        let isTerminated = end < self.octets.count
        let start = self.position
        self.position = isTerminated ? end + 1 : end
        while end > start, self.octets[end - 1] == 0x0D { end -= 1 }
        // Some receivers take a lone CR for a line end: one that stayed inside would hide lines from us.
        guard firstReturn >= end else {
            throw SDPError(line: self.lineNumber, reason: "the line holds a carriage return")
        }
        if self.lineEnd == nil, isTerminated { self.lineEnd = firstReturn == .max ? "\n" : "\r\n" }
        return (end, union < 0x80)
    }

    private func line(_ range: Range<Int>, isASCII: Bool) throws(SDPError) -> SDPLine {
        let type = self.octets[range.lowerBound]
        guard range.count >= 2, self.octets[range.lowerBound + 1] == UInt8(ascii: "="),
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(type | 0x20)
        else {
            throw SDPError(line: self.lineNumber, reason: "not of the form TYPE=VALUE")
        }
        let value = self.octets[(range.lowerBound + 2)..<range.upperBound]
        return SDPLine(
            number: self.lineNumber, type: type,
            value: isASCII ? String(decoding: value, as: UTF8.self) : LosslessText.decode(value))
    }
}
