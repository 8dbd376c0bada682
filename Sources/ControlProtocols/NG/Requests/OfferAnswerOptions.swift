public import NATRules
public import WireFormat

/// Flags and keys of offer and answer, after all spellings have been folded.
public struct OfferAnswerOptions: Sendable, Hashable {
    /// Which address of the sender to believe: nil takes the daemon's default (`--sip-source`).
    public enum SourceOfTruth: Sendable, Hashable {
        /// `trust address`: what the SDP says.
        case sdp
        /// `SIP source address`: the address in `received-from`, with the SDP's port.
        case sipSource
    }
    /// What becomes of `a=rtcp` in the SDP that goes out.
    public enum RTCPAttribute: Sendable, Hashable {
        /// `a=rtcp:PORT`.
        case port
        /// `no rtcp attribute`.
        case none
        /// `full rtcp attribute`: `a=rtcp:PORT IN IP4 ADDRESS`.
        case full
    }
    /// What to do about RTP/RTCP multiplexing (RFC 5761).
    public enum RTCPMuxOption: String, Sendable, Hashable, CaseIterable {
        case offer
        case require
        case demux
        case accept
        case reject
    }

    /// `trust address` or `SIP source address`.
    public var sourceOfTruth: SourceOfTruth?
    /// `address family`.
    public var addressFamily: AddressFamily?
    /// `direction`: logical interface towards the sender and towards the receiver (0 to 2 names). The first name is
    /// empty if only the one towards the receiver was given (`to-interface`).
    public var direction: [String] = []
    /// `media address`: the address to write into the SDP instead of ours.
    public var mediaAddress: IPAddress?
    /// `asymmetric`.
    public var isAsymmetric = false
    /// `strict source`.
    public var strictSource = false
    /// `media handover`.
    public var mediaHandover = false
    /// `unidirectional`.
    public var isUnidirectional = false
    /// `port latching` (true) or `no port latching` (false); nil leaves the rule alone.
    public var portLatching: Bool?
    /// `endpoint-learning`.
    public var endpointLearning: LearningMode?
    /// `TOS`; nil takes the daemon's.
    public var trafficClass: UInt8?
    /// `replace: origin`.
    public var replacesOrigin = false
    /// `replace: session-connection` (each media section has its own c= anyway).
    public var replacesSessionConnection = false
    /// `replace: sdp-version`.
    public var replacesSDPVersion = false
    /// `replace: force-increment-sdp-ver`.
    public var forcesSDPVersionIncrement = false
    /// `replace: username`.
    public var replacesUsername = false
    /// `replace: session-name`.
    public var replacesSessionName = false
    /// `replace: origin-full`.
    public var replacesFullOrigin = false
    /// `replace: zero-address`.
    public var replacesZeroAddress = false
    /// `original sendrecv`.
    public var keepsDirection = false
    /// `no rtcp attribute`, `full rtcp attribute`.
    public var rtcpAttribute: RTCPAttribute = .port
    /// `rtcp-mux`.
    public var rtcpMux: Set<RTCPMuxOption> = []
    /// `transport protocol` in its proper spelling (`RTP/AVP`, …, `UDPTL`); nil keeps what the sender has.
    public var transportProtocol: String?
    /// `transport protocol: accept`: go along with what the answerer changed.
    public var acceptsTransportProtocol = false
    /// `ICE`: `remove`, `force`, `default`, `optional` or `force-relay`; nil if absent.
    public var ice: String?
    /// `label` and `set-label`.
    public var label: String?
    /// `metadata`.
    public var metadata: String?
    /// `delete delay` may come with any command; seconds.
    public var deleteDelaySeconds: Int?
    /// `generate mid`.
    public var generatesMID = false
    /// `loop protect`.
    public var loopProtect = false
    /// `reset`: the SDP shows RTCP's own port again, as if multiplexing had not been negotiated.
    public var resets = false
    /// `supports: ["load limit"]`.
    public var supportsLoadLimit = false
    /// `debug`: this call logs at debug level from now on.
    public var debug = false
    /// `provisional`; answers with another tag are the same party anyway.
    public var isProvisional = false
    /// `SIP code`, which says the same as `provisional`.
    public var sipCode: Int?
    /// `codec` and the `codec-…` flags.
    public var codecs = CodecOptions()
    /// `sdp-attr`, in the order in which they came.
    public var attributeEdits: [SDPAttributeEdit] = []
    /// `sdp-media-remove`: kinds of media sections (`audio`, `video`, …) left out of the offer that goes out.
    public var removedMedia: Set<String> = []
    /// `strip extmap`, `extmap-strip-URI`: header extensions left out.
    public var headerExtensions: HeaderExtensionOptions = .init()
    /// `NAT wait`.
    public var waitsForNAT = false
    /// `pierce NAT`.
    public var piercesNAT = false
    /// `new branch`; read, but an answer with another to-tag is the same party all the same (README, differences).
    public var isNewBranch = false
    /// `drop-traffic: start` (true) or `stop` (false).
    public var dropsTraffic: Bool?
    /// `block-dtmf` (true): as the command, for the party that sent the message.
    public var blocksDTMF = false
    /// `record call`: true begins a recording, false ends it.
    public var recordsCall: Bool?
    /// `recording-…`, `output-destination` and so on.
    public var recording = RecordingOptions()
    /// `interface`: the logical interface of commands with one side (publish, subscribe).
    public var interface: String?

    /// Everything at its default.
    public init() {}
}
