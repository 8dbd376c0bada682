/// Why a direction is forwarded in userspace; shown to operators word for word by `crosspointctl flows`.
public struct UserspaceReasons: OptionSet, Sendable, Hashable {
    /// One bit a reason.
    public let rawValue: UInt32

    /// Wraps a bit set.
    public init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// `--table=-1`.
    public static let kernelPathDisabled = UserspaceReasons(rawValue: 1 << 0)
    /// The kernel path was asked for but cannot work on this host.
    public static let kernelPathUnavailable = UserspaceReasons(rawValue: 1 << 1)
    /// The kernel refused the flow when it was installed.
    public static let kernelRefused = UserspaceReasons(rawValue: 1 << 2)
    /// No SDP has named the other party yet.
    public static let noPeer = UserspaceReasons(rawValue: 1 << 3)
    /// The source of this party's packets is not settled yet.
    public static let sourceNotLearnt = UserspaceReasons(rawValue: 1 << 4)
    /// The other party's address is not settled yet.
    public static let destinationNotLearnt = UserspaceReasons(rawValue: 1 << 5)
    /// NAT cannot join IPv4 to IPv6.
    public static let addressFamiliesDiffer = UserspaceReasons(rawValue: 1 << 6)
    /// RTCP always passes the daemon, which reads its reports.
    public static let rtcp = UserspaceReasons(rawValue: 1 << 7)
    /// The party sends from elsewhere than it receives, so no exact source is known.
    public static let asymmetric = UserspaceReasons(rawValue: 1 << 8)
    /// A new source may take over at any time, so every packet's source must be read.
    public static let mediaHandover = UserspaceReasons(rawValue: 1 << 9)
    /// Both ends, or one of them, are addresses of this host: such packets never pass prerouting.
    public static let localTraffic = UserspaceReasons(rawValue: 1 << 10)
    /// The other party multiplexes RTP and RTCP and this one does not, or the other way round.
    public static let rtcpDemultiplexing = UserspaceReasons(rawValue: 1 << 11)
    /// Not RTP: the kernel rules only pass what begins like RTP.
    public static let notRTP = UserspaceReasons(rawValue: 1 << 12)
    /// The stream is on hold or rejected: there is nowhere to send to.
    public static let noDestination = UserspaceReasons(rawValue: 1 << 13)
    /// The call's packets are being recorded.
    public static let recording = UserspaceReasons(rawValue: 1 << 14)
    /// The kernel table was removed by someone else and is being put back.
    public static let kernelTableLost = UserspaceReasons(rawValue: 1 << 15)
    /// The call has a traffic class of its own (`TOS`), and the kernel rules set one for all.
    public static let trafficClass = UserspaceReasons(rawValue: 1 << 16)

    /// The port was shown by an earlier SDP: only packets still under way come here, and two flows of one direction would
    /// need the same conntrack tuple.
    public static let earlierPort = UserspaceReasons(rawValue: 1 << 17)

    /// The party behind the sink talks to another one, another fork of the call for example: the ways back of two such
    /// flows would need the same conntrack tuple.
    public static let peerElsewhere = UserspaceReasons(rawValue: 1 << 18)

    /// Media or telephone events of the party are thrown away.
    public static let blocked = UserspaceReasons(rawValue: 1 << 19)

    /// The stream also goes to subscribers.
    public static let copied = UserspaceReasons(rawValue: 1 << 20)

    private static let texts: [(UserspaceReasons, String)] = [
        (.kernelPathDisabled, "the kernel path is switched off (table=-1)"),
        (.kernelPathUnavailable, "the kernel path does not work on this host"),
        (.kernelRefused, "the kernel refused the flow"),
        (.noPeer, "the other party has not answered"),
        (.sourceNotLearnt, "the party's source address is not settled"),
        (.destinationNotLearnt, "the other party's address is not settled"),
        (.addressFamiliesDiffer, "IPv4 on one side, IPv6 on the other"),
        (.rtcp, "RTCP is read by the daemon"),
        (.asymmetric, "the party is asymmetric"),
        (.mediaHandover, "media handover is allowed"),
        (.localTraffic, "an end is on this host"),
        (.rtcpDemultiplexing, "only one side multiplexes RTCP"),
        (.notRTP, "not RTP"),
        (.noDestination, "nowhere to send: on hold or rejected"),
        (.recording, "the call is recorded"),
        (.kernelTableLost, "the kernel table was removed and is being restored"),
        (.trafficClass, "the call has a TOS of its own"),
        (.earlierPort, "a port that an earlier SDP showed"),
        (.blocked, "media or DTMF of the party is blocked"),
        (.copied, "a copy goes to a subscriber"),
        (.peerElsewhere, "the other party talks to someone else"),
    ]

    /// The reasons in words, in a fixed order.
    public var descriptions: [String] {
        Self.texts.filter { self.contains($0.0) }.map(\.1)
    }
}
