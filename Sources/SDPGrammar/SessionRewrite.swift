public import WireFormat

/// What a relay writes in place of a party's own session description: the input of `SessionDescription.rewritten`.
public struct SessionRewrite: Sendable, Hashable {
    /// The whole `o=` line to write; nil keeps the party's.
    public var origin: Origin?
    /// The `s=` text to write; nil keeps the party's.
    public var sessionName: String?
    /// Session attributes to write before the party's own (loop protection).
    public var sessionAttributes: [Attribute]
    /// One entry for each media section of the party's description, in order.
    public var media: [MediaRewrite]

    /// A rewrite of the given media sections that keeps the rest.
    public init(
        origin: Origin? = nil, sessionName: String? = nil, sessionAttributes: [Attribute] = [],
        media: [MediaRewrite]
    ) {
        self.origin = origin
        self.sessionName = sessionName
        self.sessionAttributes = sessionAttributes
        self.media = media
    }
}

/// What becomes of one media section.
public enum MediaRewrite: Sendable, Hashable {
    /// The section is written with port 0 and without anything that names an address (RFC 3264, section 6).
    case rejected
    /// The section is left out altogether.
    case removed
    /// The section goes out with our address and port.
    case relayed(RelayedMedia)
}

/// The values of a relayed media section.
public struct RelayedMedia: Sendable, Hashable {
    /// What is written about RTCP.
    public enum RTCPLine: Sendable, Hashable {
        /// No `a=rtcp`.
        case none
        /// `a=rtcp:PORT`.
        case port(UInt16)
        /// `a=rtcp:PORT IN IP4 ADDRESS` (RFC 3605).
        case full(UInt16)
    }

    /// The address of the `c=` line.
    public var address: IPAddress
    /// The port of the `m=` line.
    public var port: UInt16
    /// The transport protocol to write; nil keeps the party's.
    public var transportProtocol: String?
    /// The direction to write; nil keeps the attribute the party wrote, or none.
    public var direction: MediaDirection?
    /// The RTCP line; never written for sections that are not RTP.
    public var rtcp: RTCPLine
    /// Write `a=rtcp-mux`.
    public var rtcpMux: Bool
    /// An `a=mid` to add if the section has none.
    public var generatedMID: String?

    /// A section that goes out with this address and port.
    public init(
        address: IPAddress, port: UInt16, transportProtocol: String? = nil, direction: MediaDirection? = nil,
        rtcp: RTCPLine = .none, rtcpMux: Bool = false, generatedMID: String? = nil
    ) {
        self.address = address
        self.port = port
        self.transportProtocol = transportProtocol
        self.direction = direction
        self.rtcp = rtcp
        self.rtcpMux = rtcpMux
        self.generatedMID = generatedMID
    }
}
