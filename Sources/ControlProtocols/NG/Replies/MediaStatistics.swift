public import WireFormat

/// One media section of one party.
public struct MediaStatistics: Sendable, Equatable {
    /// Position in the SDP, from 1.
    public var index: Int
    /// `audio`, `video`, …
    public var type: String
    /// Transport protocol of the m= line.
    public var protocolName: String?
    /// The codec seen, such as `PCMA/8000`.
    public var codec: String?
    /// RTP first, then RTCP if it has a port of its own.
    public var streams: [StreamStatistics]
    /// State.
    public var flags: [MediaFlag]
    /// Sources received from this party.
    public var ingressSources: [SourceStatistics]
    /// Sources sent to this party.
    public var egressSources: [SourceStatistics]

    /// A media section.
    public init(
        index: Int, type: String, protocolName: String? = nil, codec: String? = nil,
        streams: [StreamStatistics] = [], flags: [MediaFlag] = [], ingressSources: [SourceStatistics] = [],
        egressSources: [SourceStatistics] = []
    ) {
        self.index = index
        self.type = type
        self.protocolName = protocolName
        self.codec = codec
        self.streams = streams
        self.flags = flags
        self.ingressSources = ingressSources
        self.egressSources = egressSources
    }

    /// The member of `medias`.
    public func encoded() -> NGValue { .written { self.write(to: &$0) } }

    func write(to writer: inout NGWriter) {
        writer.beginDictionary()
        writer.integer(self.index, for: "index")
        writer.text(self.type, for: "type")
        writer.text(self.protocolName, for: "protocol")
        writer.text(self.codec, for: "codec")
        // Controllers from before `ingress SSRCs` (Kamailio 5.6) find the source of a media in its streams.
        let source = self.ingressSources.first?.ssrc
        writer.key("streams")
        writer.beginList()
        for stream in self.streams { stream.write(to: &writer, ssrc: source) }
        writer.endList()
        writer.key("flags")
        writer.beginList()
        for flag in self.flags { writer.text(flag.rawValue) }
        writer.endList()
        writer.key("ingress SSRCs")
        writer.beginList()
        for source in self.ingressSources { source.write(to: &writer, withSSRC: true) }
        writer.endList()
        writer.key("egress SSRCs")
        writer.beginList()
        for source in self.egressSources { source.write(to: &writer, withSSRC: true) }
        writer.endList()
        writer.endDictionary()
    }
}

/// Members of a media section's `flags`.
public enum MediaFlag: String, Sendable, Hashable, CaseIterable {
    case initialized
    case asymmetric
    case send
    case receive = "recv"
    case rtcpMux = "rtcp-mux"
    case dtlsSRTP = "DTLS-SRTP"
    case sdes = "SDES"
    case passthrough
    case ice = "ICE"
    case unidirectional
    case loopCheck = "loop check"
    case rtcpFeedback = "RTCP feedback"
}

/// One port of one media section.
public struct StreamStatistics: Sendable, Equatable {
    /// Our port and address towards the party; nil after it was closed.
    public var local: TransportAddress?
    /// Where packets for the party go: learnt or signalled; nil while unknown.
    public var endpoint: TransportAddress?
    /// What the party's SDP said; nil while unknown.
    public var advertisedEndpoint: TransportAddress?
    /// Seconds since 1970 of the last packet from the party, kernel or not; the time of opening before any.
    public var lastPacketSeconds: Int64
    /// Seconds since 1970 of the last packet the kernel forwarded; 0 before any.
    public var lastKernelPacketSeconds: Int64
    /// Seconds since 1970 of the last packet the daemon forwarded; the time of opening before any.
    public var lastUserPacketSeconds: Int64
    /// State.
    public var flags: [StreamFlag]
    /// Packets from the party.
    public var received: PacketCounters
    /// Packets to the party.
    public var sent: PacketCounters

    /// A stream.
    public init(
        local: TransportAddress?, endpoint: TransportAddress? = nil,
        advertisedEndpoint: TransportAddress? = nil,
        lastPacketSeconds: Int64, lastKernelPacketSeconds: Int64 = 0, lastUserPacketSeconds: Int64,
        flags: [StreamFlag] = [], received: PacketCounters = PacketCounters(),
        sent: PacketCounters = PacketCounters()
    ) {
        self.local = local
        self.endpoint = endpoint
        self.advertisedEndpoint = advertisedEndpoint
        self.lastPacketSeconds = lastPacketSeconds
        self.lastKernelPacketSeconds = lastKernelPacketSeconds
        self.lastUserPacketSeconds = lastUserPacketSeconds
        self.flags = flags
        self.received = received
        self.sent = sent
    }

    func write(to writer: inout NGWriter, ssrc: UInt32?) {
        writer.beginDictionary()
        if let local = self.local {
            writer.integer(local.port, for: "local port")
            writer.address(local.address, for: "local address")
            writer.text(Self.familyName(local.family), for: "family")
        }
        // An endpoint that is not known is an empty dictionary, not an absent one.
        writer.key("endpoint")
        Self.write(self.endpoint, to: &writer)
        writer.key("advertised endpoint")
        Self.write(self.advertisedEndpoint, to: &writer)
        writer.integer(self.lastPacketSeconds, for: "last packet")
        writer.integer(self.lastKernelPacketSeconds, for: "last kernel packet")
        writer.integer(self.lastUserPacketSeconds, for: "last user packet")
        writer.integer(ssrc, for: "SSRC")
        writer.key("flags")
        writer.beginList()
        for flag in self.flags { writer.text(flag.rawValue) }
        writer.endList()
        writer.key("stats")
        self.received.write(to: &writer)
        writer.key("stats_out")
        self.sent.write(to: &writer)
        writer.endDictionary()
    }

    private static func write(_ endpoint: TransportAddress?, to writer: inout NGWriter) {
        writer.beginDictionary()
        if let endpoint {
            writer.text(self.familyName(endpoint.family), for: "family")
            writer.address(endpoint.address, for: "address")
            writer.integer(endpoint.port, for: "port")
        }
        writer.endDictionary()
    }

    private static func familyName(_ family: AddressFamily) -> String {
        switch family {
        case .ipv4: "IPv4"
        case .ipv6: "IPv6"
        }
    }
}

/// Members of a stream's `flags`.
public enum StreamFlag: String, Sendable, Hashable, CaseIterable {
    case rtp = "RTP"
    case rtcp = "RTCP"
    case fallbackRTCP = "fallback RTCP"
    case filled
    case confirmed
    case kernelized
    case noKernelSupport = "no kernel support"
    case strictSource = "strict source address"
    case mediaHandover = "media handover"
    case ice = "ICE"
}
