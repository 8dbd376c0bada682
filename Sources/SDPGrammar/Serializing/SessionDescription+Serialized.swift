extension SessionDescription {
    /// The description as text: what was parsed, octet for octet, if its lines stood in the order of RFC 8866, section 5.
    public func serialized() -> [UInt8] {
        var writer = SDPWriter(lineEnd: self.lineEnd, capacity: self.estimatedOctets)
        writer.writeLine("v=", "0")
        writer.write(self.origin)
        writer.writeLine("s=", self.sessionName)
        // i= u= e= p= precede c=, everything else follows it.
        let split =
            self.otherLines.firstIndex { !["i", "u", "e", "p"].contains($0.type) } ?? self.otherLines.count
        for line in self.otherLines[..<split] { writer.write(line) }
        if let connection = self.connection { writer.write(connection) }
        for line in self.otherLines[split...] { writer.write(line) }
        for attribute in self.attributes { writer.write(attribute) }
        for section in self.media { section.write(to: &writer) }
        return writer.finish()
    }

    /// Room for the text of a common description, so that writing it allocates once.
    var estimatedOctets: Int {
        let attributes = self.media.reduce(self.attributes.count) { $0 + $1.attributes.count }
        return 160 + 32 * attributes + 96 * self.media.count
    }
}

extension MediaDescription {
    fileprivate func write(to writer: inout SDPWriter) {
        writer.writeMedia(self)
        let split = self.otherLines.firstIndex { $0.type != "i" } ?? self.otherLines.count
        for line in self.otherLines[..<split] { writer.write(line) }
        for connection in self.connections { writer.write(connection) }
        for line in self.otherLines[split...] { writer.write(line) }
        for attribute in self.attributes { writer.write(attribute) }
    }
}

extension SessionDescription: CustomStringConvertible {
    /// The description as text; octets that are not UTF-8 appear as replacement characters.
    public var description: String { String(decoding: self.serialized(), as: UTF8.self) }
}
