internal import WireFormat

/// Writes one relayed section.
struct MediaSectionRewriter {
    private let section: MediaDescription
    private let inherited: InheritedAttributes
    private let values: RelayedMedia
    private let transportProtocol: TransportProtocol
    /// The role of each attribute of the section.
    private let roles: [AttributeRole]

    init(section: MediaDescription, inherited: InheritedAttributes, values: RelayedMedia) {
        self.section = section
        self.inherited = inherited
        self.values = values
        self.transportProtocol = TransportProtocol(values.transportProtocol ?? section.transportProtocol)
        self.roles = section.attributes.map(AttributeRole.init)
    }

    func write(to writer: inout SDPWriter) {
        // The number of ports after a slash is the party's: we relay one pair of ports a section.
        writer.writeMedia(
            self.section, port: self.values.port,
            transportProtocol: self.values.transportProtocol ?? self.section.transportProtocol)
        self.section.writeOtherLines(around: self.values.address, to: &writer)
        if self.transportProtocol.isRTP {
            self.writeRTPAttributes(to: &writer)
        } else {
            self.writeOtherAttributes(to: &writer)
        }
    }

    private func writeRTPAttributes(to writer: inout SDPWriter) {
        self.writeMID(to: &writer)
        self.writeAttributes(.label, to: &writer)
        CodecLines(section: self.section, roles: self.roles).write(to: &writer)
        self.writeAttributes(.headerExtension, to: &writer)
        self.writeAttributes(.other, to: &writer)
        self.writeDirection(to: &writer)
        self.writeRTCP(to: &writer)
        self.writeAttributes(.crypto, to: &writer)
        for role in [AttributeRole.setup, .fingerprint, .tlsID] {
            self.writeAttributesOrInherited(role, to: &writer)
        }
        self.writeAttributes(.packetTime, to: &writer)
        self.writeAttributes(.maximumPacketTime, to: &writer)
    }

    /// Fax, BFCP, data channels and the unknown: what the party wrote, in its order, without what is about RTP or ICE.
    private func writeOtherAttributes(to writer: inout SDPWriter) {
        if !self.roles.contains(.mid) { self.writeMID(to: &writer) }
        for (attribute, role) in zip(self.section.attributes, self.roles) {
            switch role {
            case .ice, .connectionBound, .rtcp, .rtcpMux, .rtcpMuxOnly: break
            case .direction: writer.write(self.values.direction.map { Attribute($0.rawValue) } ?? attribute)
            default: writer.write(attribute)
            }
        }
        if !self.roles.contains(.direction), self.inherited.direction != nil {
            self.writeDirection(to: &writer)
        }
        guard self.transportProtocol.usesTLS else { return }
        for role in [AttributeRole.setup, .fingerprint, .tlsID] where !self.roles.contains(role) {
            self.writeAttributesOrInherited(role, to: &writer)
        }
    }

    private func writeMID(to writer: inout SDPWriter) {
        if let index = self.roles.firstIndex(of: .mid) {
            writer.write(self.section.attributes[index])
        } else if let generated = self.values.generatedMID {
            writer.write(Attribute("mid", generated))
        }
    }

    /// Writes the given direction, else the party's: that of the section, else that of the session, else none.
    private func writeDirection(to writer: inout SDPWriter) {
        if let direction = self.values.direction ?? self.section.direction ?? self.inherited.direction {
            writer.write(Attribute(direction.rawValue))
        }
    }

    private func writeRTCP(to writer: inout SDPWriter) {
        switch self.values.rtcp {
        case .none: break
        case .port(let port):
            writer.write("a=rtcp:")
            writer.write(port)
            writer.endLine()
        case .full(let port):
            writer.write("a=rtcp:")
            writer.write(port)
            writer.writeAddress(self.values.address.family, self.values.address.description)
            writer.endLine()
        }
        guard self.values.rtcpMux else { return }
        writer.write(Attribute("rtcp-mux"))
        self.writeAttributes(.rtcpMuxOnly, to: &writer)
    }

    private func writeAttributes(_ wanted: AttributeRole, to writer: inout SDPWriter) {
        for (index, role) in self.roles.enumerated() where role == wanted {
            writer.write(self.section.attributes[index])
        }
    }

    /// Writes the section's attributes of that role, else those of the session.
    private func writeAttributesOrInherited(_ wanted: AttributeRole, to writer: inout SDPWriter) {
        if self.roles.contains(wanted) {
            self.writeAttributes(wanted, to: &writer)
        } else {
            for (role, attribute) in self.inherited.security where role == wanted { writer.write(attribute) }
        }
    }
}
