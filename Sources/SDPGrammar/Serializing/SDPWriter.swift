internal import WireFormat

/// Appends the lines of a session description.
struct SDPWriter {
    private var octets: [UInt8] = []
    private let lineEnd: String

    init(lineEnd: String, capacity: Int) {
        self.lineEnd = lineEnd
        self.octets.reserveCapacity(capacity)
    }

    /// What was written, with the octets that were not UTF-8 as they came in.
    consuming func finish() -> [UInt8] {
        var octets = self.octets
        LosslessText.restoreOctets(of: &octets)
        return octets
    }

    /// Text within a line.
    mutating func write(_ text: String) {
        self.octets.append(contentsOf: text.utf8)
    }

    mutating func write(_ octet: UInt8) {
        self.octets.append(octet)
    }

    mutating func write(_ number: UInt16) {
        var divisor: UInt16 = 10000
        while divisor > number, divisor > 1 { divisor /= 10 }
        while divisor > 0 {
            self.octets.append(0x30 + UInt8(truncatingIfNeeded: number / divisor % 10))
            divisor /= 10
        }
    }

    mutating func endLine() {
        self.octets.append(contentsOf: self.lineEnd.utf8)
    }

    /// A whole line.
    mutating func writeLine(_ start: String, _ text: String) {
        self.write(start)
        self.write(text)
        self.endLine()
    }

    mutating func write(_ line: Line) {
        self.write(String(line.type))
        self.write(UInt8(ascii: "="))
        self.write(line.value)
        self.endLine()
    }

    mutating func write(_ attribute: Attribute) {
        self.write("a=")
        self.write(attribute.name)
        if let value = attribute.value {
            self.write(UInt8(ascii: ":"))
            self.write(value)
        }
        self.endLine()
    }

    mutating func write(_ origin: Origin) {
        self.write("o=")
        self.write(origin.username)
        self.write(UInt8(ascii: " "))
        self.write(origin.sessionID)
        self.write(UInt8(ascii: " "))
        self.write(origin.version)
        self.writeAddress(origin.family, origin.host)
        self.endLine()
    }

    mutating func write(_ connection: Connection) {
        self.writeConnection(connection.family, connection.host)
    }

    mutating func writeConnection(_ family: AddressFamily, _ host: String) {
        self.write("c=IN ")
        self.write(family.sdpName)
        self.write(UInt8(ascii: " "))
        self.write(host)
        self.endLine()
    }

    /// ` IN IP4 ADDRESS`, as it ends `o=` and `a=rtcp`.
    mutating func writeAddress(_ family: AddressFamily, _ host: String) {
        self.write(" IN ")
        self.write(family.sdpName)
        self.write(UInt8(ascii: " "))
        self.write(host)
    }

    /// `m=MEDIA PORT[/COUNT] PROTO FORMAT …`, as the party wrote it.
    mutating func writeMedia(_ section: MediaDescription) {
        self.writeMediaStart(section.kind, port: section.port, portCount: section.portCount)
        self.write(section.transportProtocol)
        self.writeFormats(section.formats)
    }

    /// `m=MEDIA PORT PROTO FORMAT …` with our port and at least one format, whatever it is (RFC 3264, section 6).
    mutating func writeMedia(_ section: MediaDescription, port: UInt16, transportProtocol: String) {
        self.writeMediaStart(section.kind, port: port, portCount: nil)
        self.write(transportProtocol)
        let formats = section.formats
        self.writeFormats(formats.isEmpty ? [section.isRTP ? "0" : "*"] : formats)
    }

    private mutating func writeMediaStart(_ kind: String, port: UInt16, portCount: Int?) {
        self.write("m=")
        self.write(kind)
        self.write(UInt8(ascii: " "))
        self.write(port)
        if let portCount {
            self.write(UInt8(ascii: "/"))
            self.write(String(portCount))
        }
        self.write(UInt8(ascii: " "))
    }

    private mutating func writeFormats(_ formats: [String]) {
        for format in formats {
            self.write(UInt8(ascii: " "))
            self.write(format)
        }
        self.endLine()
    }
}
