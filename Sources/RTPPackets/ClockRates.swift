/// The RTP clock rate in hertz of each payload type of one media section.
///
/// Static payload types have the rates of RFC 3551, section 6; the dynamic ones those of the SDP's rtpmap attributes.
/// Copies share their storage.
public struct ClockRates: Sendable, Hashable {
    /// The rate of a payload type nothing is known of: 8000 Hz, what nearly all telephony uses.
    public static let defaultHertz: UInt32 = 8000

    /// Payload types 0 to 34 as RFC 3551, tables 4 and 5, assign them.
    public static let standard = ClockRates()

    private var hertz: [UInt32]
    /// The rate to take when the payload type is not known, as in RTCP reports: that of the section's first format.
    public var primary: UInt32

    private static let video: [UInt8] = [25, 26, 28, 31, 32, 33, 34]
    private static let audioAtOtherRates: [(UInt8, UInt32)] = [
        (6, 16000), (10, 44100), (11, 44100), (14, 90000), (16, 11025), (17, 22050),
    ]

    /// The static payload types; everything else at 8000 Hz.
    public init() {
        self.hertz = Array(repeating: Self.defaultHertz, count: 128)
        for type in Self.video { self.hertz[Int(type)] = 90000 }
        for (type, rate) in Self.audioAtOtherRates { self.hertz[Int(type)] = rate }
        self.primary = Self.defaultHertz
    }

    /// The clock rate of a payload type; setting it to zero is ignored, as are types above 127.
    public subscript(payloadType: UInt8) -> UInt32 {
        get { self.hertz[Int(payloadType & 0x7F)] }
        set {
            guard payloadType < 128, newValue > 0 else { return }
            // Most SDPs say of static payload types what is known: then the storage stays shared.
            guard self.hertz[Int(payloadType)] != newValue else { return }
            self.hertz[Int(payloadType)] = newValue
        }
    }
}
