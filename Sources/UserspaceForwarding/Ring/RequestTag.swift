/// What a request was, packed into the 64 bits that io_uring hands back with its completion.
///
/// ```
///  63  60 59  56 55         40 39            20 19             0
/// | kind |      | generation  |                | port            |   receive, cancel
/// | kind |      | octets      | sink           | arrival port    |   send
/// ```
///
/// Ports fit 20 bits, see ``PortTable/noPort``.
struct RequestTag {
    enum Kind: UInt8 {
        case receive = 1
        case send = 2
        case event = 3
        case cancel = 4
    }

    let bits: UInt64

    init(bits: UInt64) { self.bits = bits }

    /// The multishot receive on a port; the generation tells it from those of earlier ports in the same slot.
    static func receive(port: Int, generation: UInt16) -> RequestTag {
        RequestTag(.receive, UInt64(generation) << 40 | UInt64(port))
    }

    /// One datagram from `arrival` out of `sink`.
    @inline(__always)
    static func send(arrival: Int, sink: Int, bytes: Int) -> RequestTag {
        RequestTag(
            .send, UInt64(UInt16(truncatingIfNeeded: bytes)) << 40 | UInt64(sink) << 20 | UInt64(arrival))
    }

    /// The read of the mailbox's eventfd.
    static let event = RequestTag(.event, 0)

    /// The cancellation of a receive; its own completion means nothing.
    static let cancel = RequestTag(.cancel, 0)

    @inline(__always)
    private init(_ kind: Kind, _ rest: UInt64) { self.bits = UInt64(kind.rawValue) << 60 | rest }

    @inline(__always)
    var kind: Kind? { Kind(rawValue: UInt8(truncatingIfNeeded: self.bits >> 60)) }

    /// The port of a receive, or on which a sent datagram arrived.
    @inline(__always)
    var port: Int { Int(self.bits & 0xF_FFFF) }

    /// The port a datagram left by.
    var sink: Int { Int(self.bits >> 20 & 0xF_FFFF) }

    /// The generation of a receive, the octets of a send.
    @inline(__always)
    var value: UInt16 { UInt16(truncatingIfNeeded: self.bits >> 40) }
}
