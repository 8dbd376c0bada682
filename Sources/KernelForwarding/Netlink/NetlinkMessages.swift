import CNetfilter

/// A reusable buffer of netlink messages that are sent together, and what each of them attempts.
struct NetlinkMessages: ~Copyable {
    private(set) var raw: crosspoint_messages
    /// The sequence number of the first message in the buffer.
    private(set) var firstSequence: UInt32
    /// Where the last message starts.
    private var lastOffset = 0
    /// The sequence number of the message whose acknowledgement ends the kernel's answers; 0 for none.
    private(set) var acknowledged: UInt32 = 0
    /// Set when a message did not fit or memory ran out; the content must not be sent then.
    private(set) var isBroken = false

    /// An empty buffer of `capacity` octets, which never grows.
    init(capacity: Int) {
        let bytes = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
        // libmnl leaves the padding between attributes as it finds it.
        bytes.initialize(repeating: 0, count: capacity)
        self.raw = crosspoint_messages(bytes: bytes, capacity: capacity, length: 0, sequence: 0)
        self.firstSequence = 1
    }

    deinit {
        self.raw.bytes.deallocate()
    }

    /// Forgets the content; sequence numbers go on so that late answers are recognised.
    mutating func removeAll() {
        // Far from the end of the count, so that one buffer's content never wraps.
        if self.raw.sequence > 1 << 30 { self.raw.sequence = 0 }
        self.raw.length = 0
        self.firstSequence = self.raw.sequence &+ 1
        self.lastOffset = 0
        self.acknowledged = 0
        self.isBroken = false
    }

    /// The messages as octets.
    var bytes: UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: self.raw.bytes, count: self.raw.length)
    }

    var isEmpty: Bool { self.raw.length == 0 }

    /// The sequence number of the last message.
    var lastSequence: UInt32 { self.raw.sequence }

    /// The position of the message with this sequence number among those in the buffer; nil for strangers.
    func index(of sequence: UInt32) -> Int? {
        guard sequence >= self.firstSequence, sequence <= self.raw.sequence else { return nil }
        return Int(sequence - self.firstSequence)
    }

    /// Appends one message through a function of CNetfilter, which returns the sequence number or 0.
    mutating func append(_ put: (UnsafeMutablePointer<crosspoint_messages>) -> UInt32) {
        let offset = self.raw.length
        if put(&self.raw) == 0 { self.isBroken = true } else { self.lastOffset = offset }
    }

    /// Asks for an acknowledgement of the last message. It comes after all other answers, so it must be the last
    /// message that can be answered: in a batch, the one before the end.
    mutating func acknowledgeLast() {
        guard self.raw.length > self.lastOffset else { return }
        let flags = UnsafeMutableRawPointer(self.raw.bytes + self.lastOffset + 6)
        flags.storeBytes(of: flags.loadUnaligned(as: UInt16.self) | Flag.acknowledge, as: UInt16.self)
        self.acknowledged = self.raw.sequence
    }
}
