/// Names of files that are made from a call-id, which a stranger chose.
public enum RecordingName {
    /// A call-id as part of a file name: everything but letters, digits and `-._~` becomes `%XX`, as in rtpengine; cut
    /// after ``RecordingLimits/callIDOctets``.
    public static func escaped(_ callID: String) -> String {
        var text: [UInt8] = []
        for octet in callID.utf8 {
            let piece = Self.isUnreserved(octet) ? [octet] : Self.percentEncoded(octet)
            guard text.count + piece.count <= RecordingLimits.callIDOctets else { break }
            text += piece
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// `CALLID-TAG`, by which rtpengine names what belongs to one recording.
    public static func base(callID: String, tag: String) -> String { "\(Self.escaped(callID))-\(tag)" }

    /// The random part of a recording's names: 16 hexadecimal digits.
    public static func tag(_ number: UInt64) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    private static func isUnreserved(_ octet: UInt8) -> Bool {
        switch octet {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
            UInt8(ascii: "_"), UInt8(ascii: "~"):
            true
        default: false
        }
    }

    private static func percentEncoded(_ octet: UInt8) -> [UInt8] {
        let digits = Array("0123456789ABCDEF".utf8)
        return [UInt8(ascii: "%"), digits[Int(octet >> 4)], digits[Int(octet & 15)]]
    }
}

/// `recording-pattern`: a file name with `%` words, those of rtpengine-recording's `output-pattern`.
struct RecordingPattern {
    /// What the words stand for.
    var callID: String
    var tag: String
    var label: String
    var time: RecordingTime

    /// The pattern with its words replaced; nil if it has a word that nobody knows.
    func expand(_ pattern: String) -> String? {
        var text = ""
        // Prefixes of the call-id go on where the one before ended: `%2/%3/%c`.
        var prefixes = Substring(RecordingName.escaped(self.callID))
        var rest = Substring(pattern)
        while let character = rest.popFirst() {
            guard character == "%" else {
                text.append(character)
                continue
            }
            if let count = Self.number(&rest) {
                text += prefixes.prefix(count)
                prefixes = prefixes.dropFirst(count)
                continue
            }
            guard let word = rest.popFirst(), let value = self.value(of: word) else { return nil }
            text += value
        }
        return text
    }

    private func value(of word: Character) -> String? {
        switch word {
        case "%": "%"
        case "c": RecordingName.escaped(self.callID)
        case "r": self.tag
        // rtpengine-recording tells streams from their mixture here; a capture holds all of them.
        case "t": "mix"
        case "l": RecordingName.escaped(self.label)
        case "Y": RecordingTime.padded(self.time.year, 4)
        case "m": RecordingTime.padded(self.time.month, 2)
        case "d": RecordingTime.padded(self.time.day, 2)
        case "H": RecordingTime.padded(self.time.hour, 2)
        case "M": RecordingTime.padded(self.time.minute, 2)
        case "S": RecordingTime.padded(self.time.second, 2)
        case "u": RecordingTime.padded(self.time.microsecond, 6)
        default: nil
        }
    }

    /// At most three digits: more would reach beyond any name.
    private static func number(_ text: inout Substring) -> Int? {
        let digits = text.utf8.prefix(3).prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        guard !digits.isEmpty, let number = Int(String(Substring(digits))) else { return nil }
        text = text.dropFirst(digits.count)
        return number
    }
}
