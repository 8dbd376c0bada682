extension MediaDescription {
    /// Reads the value of an `m=` line: `MEDIA PORT[/COUNT] PROTO FORMAT …` (RFC 8866, section 5.14).
    init(value: String) throws(FieldError) {
        let fields = value.fields
        guard fields.count >= 3 else { throw FieldError(reason: "m= is not MEDIA PORT PROTO FORMAT …") }
        let (portText, countText) =
            fields[1].cut(at: UInt8(ascii: "/")).map { ($0.head, Optional($0.tail)) } ?? (fields[1], nil)
        guard let port: UInt16 = portText.decimal() else {
            throw FieldError(reason: "the port of m= is not a number from 0 to 65535")
        }
        var portCount: Int?
        if let countText {
            guard let count: Int = countText.decimal(upTo: 65535), count > 0 else {
                throw FieldError(reason: "the number of ports of m= is not a number from 1 to 65535")
            }
            portCount = count
        }
        guard fields.count - 3 <= SDPLimits.formatsPerSection else {
            throw FieldError(reason: "m= lists more than \(SDPLimits.formatsPerSection) formats")
        }
        // Some phones refuse a stream without naming a format.
        guard fields.count > 3 || port == 0 else { throw FieldError(reason: "m= lists no format") }
        self.init(
            kind: String(fields[0]), port: port, portCount: portCount, transportProtocol: String(fields[2]),
            formats: fields[3...].map(String.init), connections: [], otherLines: [], attributes: [])
    }
}

extension Attribute {
    /// Reads the value of an `a=` line: `NAME` or `NAME:VALUE`.
    init(line: String) {
        if let (name, value) = line.cut(at: UInt8(ascii: ":")) {
            self.init(String(name), String(value))
        } else {
            self.init(line)
        }
    }
}
