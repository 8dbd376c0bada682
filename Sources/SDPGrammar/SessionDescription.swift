public import WireFormat

/// A parsed session description (RFC 8866) that keeps everything it does not understand, in place.
///
/// Octets that are not UTF-8 appear in the texts as scalars from U+10F780 to U+10F7FF and leave as the octets they were.
public struct SessionDescription: Sendable, Hashable {
    /// `o=`.
    public var origin: Origin
    /// `s=`, the text after the equals sign; `-` if the party wrote no `s=`.
    public var sessionName: String
    /// The session-level `c=`.
    public var connection: Connection?
    /// Session lines between `s=` and the attributes other than `c=`, in order and verbatim: `i= u= e= p= b= t= r= z= k=`.
    public var otherLines: [Line]
    /// Session-level `a=` lines in order, at most ``SDPLimits/attributesPerSection``.
    public var attributes: [Attribute]
    /// The media sections in order.
    public var media: [MediaDescription]
    /// The line end of the input: CRLF unless the input used bare LF.
    public var lineEnd: String
}

/// One line that is kept as it is.
public struct Line: Sendable, Hashable {
    /// The letter before the equals sign.
    public var type: Character
    /// The text after it.
    public var value: String

    /// A line of the given type.
    public init(type: Character, value: String) {
        self.type = type
        self.value = value
    }
}

/// `o=USERNAME SESSION-ID VERSION IN IP4 ADDRESS` (RFC 8866, section 5.2).
public struct Origin: Sendable, Hashable {
    /// The user name, `-` if there is none.
    public var username: String
    /// The session id: digits unless the party is careless, kept as text because it may exceed 64 bits.
    public var sessionID: String
    /// The version: digits unless the party is careless, kept as text.
    public var version: String
    /// The address as written: an address of either family or a host name.
    public var host: String
    /// The family written before the address.
    public var family: AddressFamily

    /// An origin line.
    public init(username: String, sessionID: String, version: String, family: AddressFamily, host: String) {
        self.username = username
        self.sessionID = sessionID
        self.version = version
        self.family = family
        self.host = host
    }
}

/// `c=IN IP4 ADDRESS` (RFC 8866, section 5.7).
public struct Connection: Sendable, Hashable {
    /// The address without multicast TTL or count; nil if it is a host name.
    public var address: IPAddress?
    /// The family written before the address.
    public var family: AddressFamily
    /// The address as written, with a multicast TTL or count.
    public var host: String

    /// A connection line.
    public init(family: AddressFamily, host: String, address: IPAddress?) {
        self.family = family
        self.host = host
        self.address = address
    }
}

/// `a=NAME` or `a=NAME:VALUE`, verbatim.
public struct Attribute: Sendable, Hashable {
    /// The name, as written; names are case-sensitive (RFC 8866, section 5.13).
    public var name: String
    /// What follows the first colon; nil for a property attribute.
    public var value: String?

    /// An attribute.
    public init(_ name: String, _ value: String? = nil) {
        self.name = name
        self.value = value
    }
}

/// Who may send (RFC 8866, section 6.7; RFC 3264, section 5.1).
public enum MediaDirection: String, Sendable, Hashable, CaseIterable {
    case sendrecv
    case sendonly
    case recvonly
    case inactive

    /// A direction from its two halves.
    public init(sends: Bool, receives: Bool) {
        switch (sends, receives) {
        case (true, true): self = .sendrecv
        case (true, false): self = .sendonly
        case (false, true): self = .recvonly
        case (false, false): self = .inactive
        }
    }

    /// True if the party that writes it sends.
    public var sends: Bool { self == .sendrecv || self == .sendonly }
    /// True if the party that writes it receives.
    public var receives: Bool { self == .sendrecv || self == .recvonly }
}

/// One `m=` section (RFC 8866, section 5.14).
public struct MediaDescription: Sendable, Hashable {
    /// `audio`, `video`, `image`, `application`, …
    public var kind: String
    /// The port; zero means rejected or disabled.
    public var port: UInt16
    /// The number of ports after the slash, if any.
    public var portCount: Int?
    /// `RTP/AVP`, `udptl`, …, as written.
    public var transportProtocol: String
    /// The formats: payload types for RTP.
    public var formats: [String]
    /// The section's own `c=` lines (only the first is used).
    public var connections: [Connection]
    /// `i= b= k=` and unknown lines of the section, in order and verbatim.
    public var otherLines: [Line]
    /// The section's `a=` lines in order.
    public var attributes: [Attribute]
}
