internal import WireFormat

/// Writes the session part and hands each section to its writer.
struct SessionRewriter {
    private let session: SessionDescription
    private let rewrite: SessionRewrite
    /// The role of each session attribute.
    private let roles: [AttributeRole]

    init(session: SessionDescription, rewrite: SessionRewrite) {
        self.session = session
        self.rewrite = rewrite
        self.roles = session.attributes.map(AttributeRole.init)
    }

    func write(to writer: inout SDPWriter) {
        writer.writeLine("v=", "0")
        writer.write(self.rewrite.origin ?? self.session.origin)
        writer.writeLine("s=", self.rewrite.sessionName ?? self.session.sessionName)
        self.writeOtherLines(to: &writer)
        self.writeAttributes(to: &writer)
        self.writeSections(to: &writer)
    }

    /// Writes session lines in their order; a missing `t=`, which some parsers insist on, becomes `t=0 0`.
    private func writeOtherLines(to writer: inout SDPWriter) {
        let lines = self.session.otherLines
        for type: Character in ["i", "u", "e", "p", "b"] {
            for line in lines where line.type == type { writer.write(line) }
        }
        if !lines.contains(where: { $0.type == "t" }) { writer.writeLine("t=", "0 0") }
        for line in lines where !["i", "u", "e", "p", "b"].contains(line.type) { writer.write(line) }
    }

    /// Writes the relay's attributes and those of the party that are not about the connection between it and us.
    private func writeAttributes(to writer: inout SDPWriter) {
        for attribute in self.rewrite.sessionAttributes { writer.write(attribute) }
        let relayedMIDs = self.roles.contains(.group) ? self.relayedMIDs : []
        for (attribute, role) in zip(self.session.attributes, self.roles) {
            switch role {
            case .direction, .rtcp, .rtcpMux, .rtcpMuxOnly, .crypto, .setup, .fingerprint, .tlsID, .ice,
                .connectionBound:
                break
            case .group:
                guard let group = attribute.value.flatMap(MediaGroup.init) else { break }
                guard group.semantics != "BUNDLE", relayedMIDs.isSuperset(of: group.mids) else { break }
                writer.write(attribute)
            default:
                writer.write(attribute)
            }
        }
    }

    /// The tags of the sections that go out with a port.
    private var relayedMIDs: Set<String> {
        var mids: Set<String> = []
        for (section, fate) in zip(self.session.media, self.rewrite.media) {
            if case .relayed = fate, let mid = section.mid { mids.insert(mid) }
        }
        return mids
    }

    private func writeSections(to writer: inout SDPWriter) {
        let inherited = InheritedAttributes(session: self.session, roles: self.roles)
        let fates = self.rewrite.media
        for (index, section) in self.session.media.enumerated() {
            switch index < fates.count ? fates[index] : .rejected {
            case .removed: break
            case .rejected:
                section.writeRejected(family: self.family(for: section), to: &writer)
            case .relayed(let values):
                MediaSectionRewriter(section: section, inherited: inherited, values: values).write(
                    to: &writer)
            }
        }
    }

    /// The family of the address a rejected section carries: that of our other addresses, else the party's.
    private func family(for section: MediaDescription) -> AddressFamily {
        for case .relayed(let values) in self.rewrite.media { return values.address.family }
        return self.session.applicableConnection(for: section)?.family ?? .ipv4
    }
}

/// What holds for a section because the session says it and the section does not.
struct InheritedAttributes {
    /// The session's direction.
    let direction: MediaDirection?
    /// `setup`, `fingerprint` and `tls-id`, with their roles.
    let security: [(role: AttributeRole, attribute: Attribute)]

    init(session: SessionDescription, roles: [AttributeRole]) {
        self.direction = session.direction
        let found = zip(roles, session.attributes).lazy
            .filter { [.setup, .fingerprint, .tlsID].contains($0.0) }
            .prefix(SDPLimits.inheritedAttributes)
        self.security = found.map { (role: $0.0, attribute: $0.1) }
    }
}

extension MediaDescription {
    /// Writes the section as refused: port zero (RFC 3264, section 6).
    ///
    /// RFC 8866, section 5.7, wants a `c=` in each section if the session has none, so there is one that names no address. The
    /// tags stay because `a=group` and SIPREC metadata may refer to them.
    fileprivate func writeRejected(family: AddressFamily, to writer: inout SDPWriter) {
        writer.writeMedia(self, port: 0, transportProtocol: self.transportProtocol)
        self.writeOtherLines(around: IPAddress.unspecified(family), to: &writer)
        for role in [AttributeRole.mid, .label] {
            if let attribute = self.attributes.first(where: { AttributeRole(of: $0) == role }) {
                writer.write(attribute)
            }
        }
    }

    /// Writes `i=`, our `c=`, `b=`, and the rest.
    func writeOtherLines(around address: IPAddress, to writer: inout SDPWriter) {
        for line in self.otherLines where line.type == "i" { writer.write(line) }
        writer.writeConnection(address.family, address.description)
        for line in self.otherLines where line.type == "b" { writer.write(line) }
        for line in self.otherLines where line.type != "i" && line.type != "b" { writer.write(line) }
    }
}
