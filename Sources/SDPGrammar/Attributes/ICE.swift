extension AttributeHolder {
    /// `a=ice-ufrag` at this level (RFC 8839, section 5.4).
    public var iceUsernameFragment: String? { self.firstValue(ofAttribute: "ice-ufrag").map(String.init) }

    /// `a=ice-pwd` at this level (RFC 8839, section 5.4).
    public var icePassword: String? { self.firstValue(ofAttribute: "ice-pwd").map(String.init) }

    /// The tags of `a=ice-options` at this level: `trickle`, `ice2`, … (RFC 8839, section 5.6).
    public var iceOptions: [String] {
        self.values(ofAttribute: "ice-options").flatMap { $0.fields.map(String.init) }
    }
}

extension MediaDescription {
    /// The section's well-formed candidates.
    public var candidates: [Candidate] {
        self.values(ofAttribute: "candidate").compactMap(Candidate.init)
    }

    /// True if no further candidates will be trickled (RFC 8840, section 8.2).
    public var hasEndOfCandidates: Bool { self.hasAttribute(named: "end-of-candidates") }
}

extension SessionDescription {
    /// True if the party runs ICE lite (RFC 8839, section 5.3).
    public var isICELite: Bool { self.hasAttribute(named: "ice-lite") }

    /// The user name fragment that holds for a section: its own, else the session's.
    public func applicableICEUsernameFragment(for section: MediaDescription) -> String? {
        section.iceUsernameFragment ?? self.iceUsernameFragment
    }

    /// The password that holds for a section: its own, else the session's.
    public func applicableICEPassword(for section: MediaDescription) -> String? {
        section.icePassword ?? self.icePassword
    }

    /// True if the party offers ICE for a section: user name fragment and password are known.
    public func hasICE(for section: MediaDescription) -> Bool {
        self.applicableICEUsernameFragment(for: section) != nil
            && self.applicableICEPassword(for: section) != nil
    }
}
