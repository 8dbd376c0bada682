extension JSON {
    /// Encodes a value without any whitespace; dictionary keys keep their order.
    ///
    /// JSON carries text only: octets that are not UTF-8 become U+FFFD.
    public static func encode(_ value: NGValue) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(512)
        self.append(value, to: &output)
        return output
    }

    static func append(_ value: NGValue, to output: inout [UInt8]) {
        switch value {
        case .string(let octets):
            self.append(string: octets, to: &output)
        case .integer(let number):
            if number < 0 { output.append(UInt8(ascii: "-")) }
            output.appendDecimal(number.magnitude)
        case .list(let members):
            output.append(UInt8(ascii: "["))
            for (index, member) in members.enumerated() {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                self.append(member, to: &output)
            }
            output.append(UInt8(ascii: "]"))
        case .dictionary(let dictionary):
            output.append(UInt8(ascii: "{"))
            for (index, entry) in dictionary.entries.enumerated() {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                self.append(string: Array(entry.key.utf8), to: &output)
                output.append(UInt8(ascii: ":"))
                self.append(entry.value, to: &output)
            }
            output.append(UInt8(ascii: "}"))
        }
    }

    static func append(string octets: [UInt8], to output: inout [UInt8]) {
        output.append(UInt8(ascii: "\""))
        if String(validating: octets, as: UTF8.self) != nil {
            self.append(escaping: octets, to: &output)
        } else {
            self.append(escaping: Array(String(decoding: octets, as: UTF8.self).utf8), to: &output)
        }
        output.append(UInt8(ascii: "\""))
    }

    private static func append(escaping octets: [UInt8], to output: inout [UInt8]) {
        for octet in octets {
            switch octet {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): output += [UInt8(ascii: "\\"), octet]
            case 0x08: output += [UInt8(ascii: "\\"), UInt8(ascii: "b")]
            case 0x09: output += [UInt8(ascii: "\\"), UInt8(ascii: "t")]
            case 0x0A: output += [UInt8(ascii: "\\"), UInt8(ascii: "n")]
            case 0x0C: output += [UInt8(ascii: "\\"), UInt8(ascii: "f")]
            case 0x0D: output += [UInt8(ascii: "\\"), UInt8(ascii: "r")]
            case 0..<0x20:
                output += Array((octet < 0x10 ? "\\u000" : "\\u00").utf8)
                output += Array(String(octet, radix: 16).utf8)
            default: output.append(octet)
            }
        }
    }
}
