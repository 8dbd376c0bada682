import RelayPlanning
import SDPGrammar
import WireFormat

/// What one media section of an SDP says about where its party is, after the choice of whom to believe.
struct SectionFacts: Sendable {
    var kind: String
    var isRTP: Bool
    var transportProtocol: String
    var direction: MediaDirection
    var isRejected: Bool
    var isOnZeroHold: Bool
    /// Nil when rejected, or on hold with a zero address.
    var rtp: TransportAddress?
    var rtcp: TransportAddress?
    var wantsMux: Bool
    var family: AddressFamily?
    var codec: String?
    var clockRates: [PayloadClockRate]
    /// Payload types of telephone events (RFC 4733).
    var eventPayloadTypes: [UInt8]

    /// Reads a section.
    ///
    /// - Parameter sourceAddress: the address to believe instead of the SDP's, if any (`SIP source address`).
    init(
        _ section: MediaDescription, of session: SessionDescription, sourceAddress: IPAddress?
    ) throws(CallError) {
        self.kind = section.kind
        self.isRTP = section.isRTP
        self.transportProtocol = section.transportProtocol
        self.isRejected = section.port == 0
        self.wantsMux = section.isRTP && section.hasRTCPMux
        let maps = section.rtpMaps
        self.codec = section.firstCodecName(in: maps)
        self.clockRates = maps.map { PayloadClockRate(payloadType: $0.payloadType, hertz: $0.clockRate) }
        self.eventPayloadTypes = maps.lazy.filter(\.isTelephoneEvent).map(\.payloadType)
        self.isOnZeroHold = false
        let connection = session.applicableConnection(for: section)
        self.family = connection?.family
        let direction = session.applicableDirection(for: section)
        self.direction = direction
        guard !self.isRejected else { return }
        guard let connection, let address = connection.address else {
            throw .malformedSDP(
                SDPError(
                    line: 0,
                    reason:
                        "c= of the \(section.kind) section names \(connection?.host ?? "nothing"), not an address"
                ))
        }
        if address.isUnspecified {
            // RFC 3264, section 8.4: the old way to hold.
            self.isOnZeroHold = true
            self.direction = MediaDirection(sends: direction.sends, receives: false)
            return
        }
        let believed = sourceAddress ?? address
        self.family = believed.family
        self.rtp = TransportAddress(believed, port: section.port)
        guard self.isRTP else { return }
        let attribute = section.rtcp
        let port = attribute?.port ?? (section.port < .max ? section.port + 1 : section.port)
        self.rtcp = TransportAddress(sourceAddress ?? attribute?.connection?.address ?? believed, port: port)
    }
}
