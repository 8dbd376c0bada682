extension AttributeHolder {
    /// The direction attribute written at this level; nil if there is none (RFC 8866, section 6.7).
    public var direction: MediaDirection? {
        for attribute in self.attributes where attribute.value == nil {
            let hasBlanks = attribute.name.utf8.last == 0x20
            let name = hasBlanks ? String(attribute.name.trimmed) : attribute.name
            if let direction = MediaDirection(rawValue: name) { return direction }
        }
        return nil
    }
}

extension SessionDescription {
    /// The direction that holds for a section: its own, else the session's, else `sendrecv` (RFC 8866, section 6.7).
    public func applicableDirection(for section: MediaDescription) -> MediaDirection {
        section.direction ?? self.direction ?? .sendrecv
    }
}
