internal import CLinux
public import WireFormat

/// A UDP socket bound to one concrete address and port; closed at the end of its life unless it was handed over.
public struct RelaySocket: ~Copyable, Sendable {
    /// The descriptor, for as long as the socket lives.
    let descriptor: Int32
    /// The address it is bound to.
    public let local: TransportAddress

    private init(descriptor: Int32, local: TransportAddress) {
        self.descriptor = descriptor
        self.local = local
    }

    /// Opens a socket bound to exactly `local`.
    ///
    /// - Parameters:
    ///   - local: the address to bind; port 0 lets the system choose one, see ``local``.
    ///   - trafficClass: the DSCP and ECN octet of what is sent.
    ///   - receiveBufferBytes: the socket's receive buffer; 0 keeps the system's default.
    /// - Returns: the socket, which its owner closes by letting go of it.
    /// - Throws: `EADDRINUSE` if somebody has the port, `EADDRNOTAVAIL` if the address is not this host's.
    public static func open(
        local: TransportAddress, trafficClass: UInt8 = 0, receiveBufferBytes: Int32 = 0
    ) throws(SystemError) -> RelaySocket {
        let options = crosspoint_udp_options(
            receive_buffer_bytes: receiveBufferBytes, send_buffer_bytes: 0, traffic_class: trafficClass)
        var attempted: UnsafePointer<CChar>?
        let result = crosspoint_udp_open(local.system, options, &attempted)
        guard result >= 0 else {
            let step = attempted.map { String(cString: $0) } ?? "opening"
            throw SystemError(errno: -result, attempted: "\(step) \(local)")
        }
        var bound = local
        if local.port == 0 {
            var system = crosspoint_address()
            if crosspoint_udp_local_address(result, &system) == 0, let address = TransportAddress(system) {
                bound = address
            }
        }
        return RelaySocket(descriptor: result, local: bound)
    }

    /// Gives the descriptor away; the taker closes it.
    consuming func takeDescriptor() -> Int32 {
        let descriptor = self.descriptor
        discard self
        return descriptor
    }

    deinit { crosspoint_close(self.descriptor) }
}

/// The sockets of one media section on one address: RTP on an even port, RTCP on the next one (RFC 3550, section 11).
public struct RelaySocketPair: ~Copyable, Sendable {
    /// The RTP socket.
    public let rtp: RelaySocket
    /// The RTCP socket.
    public let rtcp: RelaySocket

    /// Opens both, or neither.
    ///
    /// - Parameters:
    ///   - rtp: the address of the RTP port, which is even and not 0.
    ///   - trafficClass: the DSCP and ECN octet of what is sent.
    ///   - receiveBufferBytes: each socket's receive buffer; 0 keeps the system's default.
    /// - Returns: the pair.
    /// - Throws: what opening either socket throws; the other one is closed then.
    public static func open(
        rtp: TransportAddress, trafficClass: UInt8 = 0, receiveBufferBytes: Int32 = 0
    ) throws(SystemError) -> RelaySocketPair {
        let next = TransportAddress(rtp.address, port: rtp.port | 1)
        let first = try RelaySocket.open(
            local: rtp, trafficClass: trafficClass, receiveBufferBytes: receiveBufferBytes)
        let second = try RelaySocket.open(
            local: next, trafficClass: trafficClass, receiveBufferBytes: receiveBufferBytes)
        return RelaySocketPair(rtp: first, rtcp: second)
    }

    private init(rtp: consuming RelaySocket, rtcp: consuming RelaySocket) {
        self.rtp = rtp
        self.rtcp = rtcp
    }

    /// Gives both sockets to `body`, which may keep them.
    public consuming func split<Failure: Error>(
        _ body: (consuming RelaySocket, consuming RelaySocket) throws(Failure) -> Void
    ) throws(Failure) {
        try body(self.rtp, self.rtcp)
    }
}
