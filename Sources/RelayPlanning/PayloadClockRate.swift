/// The RTP clock rate of one payload type.
public struct PayloadClockRate: Sendable, Hashable {
    /// The payload type, below 128.
    public var payloadType: UInt8
    /// Timestamp units a second.
    public var hertz: UInt32

    /// A payload type and its rate.
    public init(payloadType: UInt8, hertz: UInt32) {
        self.payloadType = payloadType
        self.hertz = hertz
    }
}
