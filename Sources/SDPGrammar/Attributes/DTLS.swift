internal import WireFormat

/// `a=fingerprint:HASH XX:XX:…`: the digest of a certificate (RFC 8122, section 5).
public struct Fingerprint: Sendable, Hashable {
    /// `sha-256`, …, in lower case.
    public var hashFunction: String
    /// The digest's octets.
    public var digest: [UInt8]

    /// Reads the value of the attribute; nil if it is malformed.
    public init?(_ value: String) {
        let fields = value.fields
        guard fields.count == 2 else { return nil }
        self.hashFunction = fields[0].lowercased()
        self.digest = []
        for pair in fields[1].utf8.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false) {
            guard pair.count == 2, let first = pair.first, let last = pair.last,
                let high = hexadecimalDigitValue(first), let low = hexadecimalDigitValue(last)
            else { return nil }
            self.digest.append(high << 4 | low)
        }
    }
}

/// `a=setup`: who opens the association (RFC 4145, section 4; RFC 5763, section 5).
public enum SetupRole: String, Sendable, Hashable {
    case active
    case passive
    case actpass
    case holdconn
}

extension AttributeHolder {
    /// The well-formed fingerprints at this level.
    public var fingerprints: [Fingerprint] {
        self.values(ofAttribute: "fingerprint").compactMap(Fingerprint.init)
    }

    /// The role written at this level.
    public var setup: SetupRole? {
        self.firstValue(ofAttribute: "setup").flatMap { SetupRole(rawValue: String($0)) }
    }

    /// `a=tls-id` at this level: a new value means a new association (RFC 8842, section 4).
    public var tlsID: String? { self.firstValue(ofAttribute: "tls-id").map(String.init) }
}

extension SessionDescription {
    /// The fingerprints that hold for a section: its own, else the session's (RFC 8122, section 5).
    public func applicableFingerprints(for section: MediaDescription) -> [Fingerprint] {
        let own = section.fingerprints
        return own.isEmpty ? self.fingerprints : own
    }

    /// The role that holds for a section: its own, else the session's.
    public func applicableSetup(for section: MediaDescription) -> SetupRole? {
        section.setup ?? self.setup
    }
}
