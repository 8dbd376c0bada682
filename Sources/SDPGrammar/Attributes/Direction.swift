extension AttributeHolder {
    /// The direction attribute written at this level; nil if there is none (RFC 8866, section 6.7).
    public var direction: MediaDirection? {
        for attribute in self.attributes where attribute.value == nil {
            if let direction = MediaDirection(rawValue: attribute.name) { return direction }
        }
        return self.attributes.lazy.compactMap { MediaDirection(rawValue: String($0.name.trimmed)) }.first
    }
}

extension SessionDescription {
    /// The direction that holds for a section: its own, else the session's, else `sendrecv` (RFC 8866, section 6.7).
    public func applicableDirection(for section: MediaDescription) -> MediaDirection {
        section.direction ?? self.direction ?? .sendrecv
    }
}
