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
    public func encoded() -> NGValue {
        var dictionary: NGDictionary = ["index": .integer(Int64(self.index)), "type": .text(self.type)]
        dictionary["protocol"] = self.protocolName.map { .text($0) }
        dictionary["codec"] = self.codec.map { .text($0) }
        // Controllers from before `ingress SSRCs` (Kamailio 5.6) find the source of a media in its streams.
        let source = self.ingressSources.first?.ssrc
        dictionary["streams"] = .list(self.streams.map { $0.encoded(ssrc: source) })
        dictionary["flags"] = .list(self.flags.map { .text($0.rawValue) })
        dictionary["ingress SSRCs"] = .list(self.ingressSources.map { $0.encoded() })
        dictionary["egress SSRCs"] = .list(self.egressSources.map { $0.encoded() })
        return .dictionary(dictionary)
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
    // Ours: rtpengine does not tell what is blocked.
    case blocksDTMF = "block DTMF"
    case blocksMedia = "block media"
    case dropsTraffic = "drop traffic"
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

    func encoded(ssrc: UInt32?) -> NGValue {
        var dictionary = NGDictionary()
        if let local = self.local {
            dictionary["local port"] = .integer(Int64(local.port))
            dictionary["local address"] = .text(local.address.description)
            dictionary["family"] = .text(Self.familyName(local.family))
        }
        dictionary["endpoint"] = Self.encoded(self.endpoint)
        dictionary["advertised endpoint"] = Self.encoded(self.advertisedEndpoint)
        dictionary["last packet"] = .integer(self.lastPacketSeconds)
        dictionary["last kernel packet"] = .integer(self.lastKernelPacketSeconds)
        dictionary["last user packet"] = .integer(self.lastUserPacketSeconds)
        dictionary["SSRC"] = ssrc.map { .integer(Int64($0)) }
        dictionary["flags"] = .list(self.flags.map { .text($0.rawValue) })
        dictionary["stats"] = self.received.encoded()
        dictionary["stats_out"] = self.sent.encoded()
        return .dictionary(dictionary)
    }

    /// An endpoint that is not known is an empty dictionary, not an absent one.
    private static func encoded(_ endpoint: TransportAddress?) -> NGValue {
        guard let endpoint else { return [:] }
        return [
            "family": .text(self.familyName(endpoint.family)), "address": .text(endpoint.address.description),
            "port": .integer(Int64(endpoint.port)),
        ]
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
