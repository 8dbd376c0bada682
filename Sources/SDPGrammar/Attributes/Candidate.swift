public import WireFormat

/// `a=candidate`: a transport address to try (RFC 8839, section 5.1).
public struct Candidate: Sendable, Hashable {
    /// The kinds of candidates (RFC 8839, section 5.1); others are legal and to be ignored.
    public enum Kind: Sendable, Hashable {
        /// An address of the host itself.
        case host
        /// What a STUN server saw.
        case serverReflexive
        /// What a peer saw during checks.
        case peerReflexive
        /// An address of a relay.
        case relayed
        /// A kind by another name.
        case other(String)
    }

    /// A name and a value behind the known fields.
    public struct Extension: Sendable, Hashable {
        /// `generation`, `tcptype`, `network-cost`, …
        public var name: String
        /// The text after it.
        public var value: String
    }

    /// Equal for candidates that share type, base and server.
    public var foundation: String
    /// 1 for RTP, 2 for RTCP; at most 256.
    public var component: UInt16
    /// `UDP`, `TCP`, …, as written.
    public var transport: String
    /// The greater the better.
    public var priority: UInt32
    /// The address as written; a name ending in `.local` stands for an address the browser hides.
    public var host: String
    /// The address unless it is a name.
    public var address: IPAddress?
    /// The port.
    public var port: UInt16
    /// What follows `typ`.
    public var kind: Kind
    /// What follows `raddr`, as written.
    public var relatedHost: String?
    /// What follows `rport`.
    public var relatedPort: UInt16?
    /// Everything else, in order.
    public var extensions: [Extension]

    /// Reads the value of the attribute; nil if it is malformed.
    public init?(_ value: String) {
        let fields = value.fields
        guard fields.count >= 8, fields.count.isMultiple(of: 2), fields[6] == "typ",
            let component: UInt16 = fields[1].decimal(upTo: 256), component > 0,
            let priority: UInt32 = fields[3].decimal(), let port: UInt16 = fields[5].decimal()
        else { return nil }
        self.foundation = String(fields[0])
        self.component = component
        self.transport = String(fields[2])
        self.priority = priority
        self.host = String(fields[4])
        self.address = IPAddress(fields[4])
        self.port = port
        self.kind = Kind(fields[7])
        self.extensions = []
        for index in stride(from: 8, to: fields.count, by: 2) {
            guard self.takeExtension(named: fields[index], fields[index + 1]) else { return nil }
        }
    }

    private mutating func takeExtension(named name: Substring, _ value: Substring) -> Bool {
        switch name {
        case "raddr": self.relatedHost = String(value)
        case "rport":
            guard let port: UInt16 = value.decimal() else { return false }
            self.relatedPort = port
        default: self.extensions.append(Extension(name: String(name), value: String(value)))
        }
        return true
    }
}

extension Candidate.Kind {
    fileprivate init(_ name: Substring) {
        switch name {
        case "host": self = .host
        case "srflx": self = .serverReflexive
        case "prflx": self = .peerReflexive
        case "relay": self = .relayed
        default: self = .other(String(name))
        }
    }
}
