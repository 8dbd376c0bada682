/// `a=group:SEMANTICS MID …` (RFC 5888, section 5).
public struct MediaGroup: Sendable, Hashable {
    /// `BUNDLE`, `LS`, `FID`, …
    public var semantics: String
    /// The identification tags of the sections in it.
    public var mids: [String]

    /// Reads the value of the attribute; nil if it is empty.
    public init?(_ value: String) {
        let fields = value.fields
        guard let first = fields.first else { return nil }
        self.semantics = String(first)
        self.mids = fields.dropFirst().map(String.init)
    }
}

extension SessionDescription {
    /// The groups of media sections.
    public var groups: [MediaGroup] {
        self.values(ofAttribute: "group").compactMap(MediaGroup.init)
    }
}

extension MediaDescription {
    /// `a=mid`: the identification tag of the section (RFC 5888, section 4).
    public var mid: String? { self.firstValue(ofAttribute: "mid").map(String.init) }

    /// `a=label`: what the application calls the section (RFC 4574).
    public var label: String? { self.firstValue(ofAttribute: "label").map(String.init) }
}
