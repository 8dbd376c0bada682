internal import CLinux
internal import CUring
internal import Glibc
internal import WireFormat

/// The sizes of one worker's ring; powers of two but for the last two.
struct RingSizes: Sendable {
    /// Requests prepared between two submits.
    var submissions: UInt32
    /// Receive buffers.
    var buffers: UInt32
    /// Octets of payload a buffer has room for.
    var payloadBytes: UInt32
    /// Slots of the registered file table, one a port.
    var files: UInt32
}

/// An io_uring with provided receive buffers. It belongs to the thread that made it.
///
/// A buffer is the kernel's, or it carries a datagram that was received and not yet given back. Sends never wait
/// (`MSG_DONTWAIT`), so the kernel has copied their octets when submitting returns and the buffer is free again.
struct Ring: ~Copyable {
    private let ring: OpaquePointer
    private let buffers: UnsafeMutablePointer<UInt8>
    private let bufferBytes: Int
    private let bufferCount: Int
    /// Destinations of the sends prepared since the last submit; the kernel reads them then.
    private let addresses: UnsafeMutablePointer<UInt8>
    private let addressCount: Int
    private var usedAddresses = 0

    /// Sets up a ring for the calling thread.
    init(_ sizes: RingSizes) throws(SystemError) {
        let bufferBytes = sizes.payloadBytes + UInt32(CROSSPOINT_URING_HEADROOM)
        let raw = crosspoint_uring_sizes(
            submission_entries: sizes.submissions,
            completion_entries: max(sizes.buffers * 4, sizes.submissions * 2),
            buffers: sizes.buffers, buffer_bytes: bufferBytes, files: sizes.files)
        var ring: OpaquePointer?
        var attempted: UnsafePointer<CChar>?
        let result = crosspoint_uring_open(raw, &ring, &attempted)
        guard result == 0, let ring else {
            let step = attempted.map { String(cString: $0) } ?? "setting up an io_uring"
            throw SystemError(errno: -result, attempted: step + Self.hint(errno: -result))
        }
        self.ring = ring
        self.buffers = crosspoint_uring_buffers(ring)
        self.bufferBytes = Int(bufferBytes)
        self.bufferCount = Int(sizes.buffers)
        self.addressCount = Int(sizes.submissions)
        self.addresses = .allocate(capacity: self.addressCount * Self.addressBytes)
        self.addresses.initialize(repeating: 0, count: self.addressCount * Self.addressBytes)
    }

    deinit {
        crosspoint_uring_close(self.ring)
        self.addresses.deallocate()
    }

    /// Octets of an address, rounded up to a fraction of a line of cache.
    private static let addressBytes = 32

    private static func hint(errno: Int32) -> String {
        switch errno {
        case EPERM, EACCES: " (forbidden by kernel.io_uring_disabled, seccomp or a security module)"
        case ENOSYS: " (this kernel has no io_uring, or seccomp hides it)"
        case EINVAL, EOPNOTSUPP: " (Linux 6.1 or later is needed)"
        case ENOMEM: " (not enough memory that may be locked, see RLIMIT_MEMLOCK)"
        case EMFILE: " (the limit of open files, RLIMIT_NOFILE, is lower than the number of ports)"
        default: ""
        }
    }

    // MARK: Files

    /// Puts a socket into a slot of the file table, from which sends take it.
    func setFile(_ slot: Int, to descriptor: Int32) throws(SystemError) {
        let result = crosspoint_uring_set_file(self.ring, UInt32(slot), descriptor)
        _ = try checked(result, "registering a socket with io_uring")
    }

    /// Empties a slot of the file table.
    func clearFile(_ slot: Int) { _ = crosspoint_uring_set_file(self.ring, UInt32(slot), -1) }

    // MARK: Requests; each returns false if the submission queue is full

    func receive(from descriptor: Int32, tag: RequestTag) -> Bool {
        crosspoint_uring_receive(self.ring, descriptor, tag.bits) == 0
    }

    func readEvent(_ descriptor: Int32, tag: RequestTag) -> Bool {
        crosspoint_uring_read_event(self.ring, descriptor, tag.bits) == 0
    }

    func cancel(_ target: RequestTag, tag: RequestTag) -> Bool {
        crosspoint_uring_cancel(self.ring, target.bits, tag.bits) == 0
    }

    /// Sends the first octets of a received datagram on from another socket.
    @inline(__always)
    mutating func send(
        _ payload: UnsafeRawBufferPointer, bytes: Int, by slot: Int, to destination: TransportAddress,
        tag: RequestTag
    ) -> Bool {
        guard self.usedAddresses < self.addressCount else { return false }
        let address = self.addresses + self.usedAddresses * Self.addressBytes
        let length = crosspoint_sockaddr_write(destination.system, address)
        let result = crosspoint_uring_send(
            self.ring, UInt32(slot), payload.baseAddress, UInt32(bytes), address, length, tag.bits)
        guard result == 0 else { return false }
        self.usedAddresses &+= 1
        return true
    }

    // MARK: Submitting and completing

    /// Submits everything prepared and waits; time-outs and interruptions are no errors.
    mutating func submitAndWait(for completions: Int, atMostNanoseconds timeout: UInt64) {
        _ = crosspoint_uring_submit_and_wait(self.ring, UInt32(completions), timeout)
        self.releaseAddresses()
    }

    /// Submits everything prepared.
    mutating func submit() {
        _ = crosspoint_uring_submit(self.ring)
        self.releaseAddresses()
    }

    private mutating func releaseAddresses() {
        if self.isAllSubmitted { self.usedAddresses = 0 }
    }

    /// True if the kernel has taken everything prepared.
    var isAllSubmitted: Bool { crosspoint_uring_unsubmitted(self.ring) == 0 }

    @inline(__always)
    func takeCompletions(_ completions: UnsafeMutableBufferPointer<crosspoint_completion>) -> Int {
        Int(
            crosspoint_uring_take_completions(
                self.ring, completions.baseAddress, UInt32(completions.count)))
    }

    // MARK: Buffers

    /// Reads a filled buffer; nil if the kernel's description of it makes no sense.
    @inline(__always)
    func datagram(in buffer: UInt16, filled: Int32) -> ArrivedDatagram? {
        var raw = crosspoint_uring_datagram()
        guard crosspoint_uring_describe(self.ring, buffer, UInt32(max(0, filled)), &raw) == 0 else {
            return nil
        }
        let start = self.start(of: buffer)
        let address = crosspoint_sockaddr_read(
            start + Int(CROSSPOINT_URING_ADDRESS_OFFSET), raw.address_length)
        guard let source = TransportAddress(address) else { return nil }
        return ArrivedDatagram(
            buffer: buffer, source: source,
            payload: UnsafeRawBufferPointer(
                start: start + Int(CROSSPOINT_URING_HEADROOM), count: Int(raw.payload_length)),
            wasTruncated: raw.was_truncated != 0)
    }

    /// Gives a buffer back to the kernel, from the next ``publishBuffers()`` on.
    @inline(__always)
    func giveBack(_ buffer: UInt16) {
        precondition(Int(buffer) < self.bufferCount)
        crosspoint_uring_return_buffer(self.ring, buffer)
    }

    /// Lets the kernel see the buffers given back.
    func publishBuffers() { crosspoint_uring_publish_buffers(self.ring) }

    @inline(__always)
    private func start(of buffer: UInt16) -> UnsafeMutablePointer<UInt8> {
        precondition(Int(buffer) < self.bufferCount)
        return self.buffers + Int(buffer) * self.bufferBytes
    }
}
