import CLinux
import Glibc
import NIOCore
import WireFormat

/// A bound UDP socket that can choose the source address of what it sends.
///
/// NIO tells which local address a datagram came to but cannot send from a chosen one, and a client that asked one
/// address of ours does not take an answer from another. So the socket is opened here, NIO reads from it, and replies
/// are sent on its descriptor with the address in a control message (ip(7), ipv6(7): `IP_PKTINFO`, `IPV6_PKTINFO`).
struct ControlDatagramSocket: Sendable {
    /// The descriptor; whoever passes it on to NIO must not use it after the channel was closed.
    let descriptor: Int32

    /// Large enough for the requests of a burst of calls while the event loop is busy.
    static let receiveBufferBytes: Int32 = 4 << 20

    /// Opens and binds a socket; an IPv6 one takes no IPv4, so that both wildcards can be bound.
    init(bindingTo address: TransportAddress) throws(ControlTransportError) {
        let attempt = "cannot listen for control on udp \(address)"
        let family = address.family == .ipv4 ? AF_INET : AF_INET6
        let type = Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
        let descriptor = socket(family, type, 0)
        guard descriptor >= 0 else { throw ControlTransportError(attempt, code: errno) }
        self.descriptor = descriptor
        if family == AF_INET6 { self.set(Int32(IPPROTO_IPV6), IPV6_V6ONLY, to: 1) }
        // The first works for root only and beyond the system's limit, the second for everyone and up to it.
        if !self.set(SOL_SOCKET, SO_RCVBUFFORCE, to: Self.receiveBufferBytes) {
            self.set(SOL_SOCKET, SO_RCVBUF, to: Self.receiveBufferBytes)
        }
        let result = address.withSocketAddress { bind(descriptor, $0, $1) }
        guard result == 0 else {
            let code = errno
            self.close()
            throw ControlTransportError(attempt, code: code)
        }
    }

    /// Closes a socket that was not passed on.
    func close() { _ = Glibc.close(self.descriptor) }

    /// Sends one datagram, from a local address if one is given; returns zero or the error number.
    func send(_ bytes: [UInt8], to peer: SocketAddress, from local: SocketAddress?) -> Int32 {
        var code = self.sendOnce(bytes, to: peer, from: local)
        // The address may be one that cannot be a source (broadcast), or may be gone: any source is better than none.
        if local != nil, code == EINVAL || code == EADDRNOTAVAIL {
            code = self.sendOnce(bytes, to: peer, from: nil)
        }
        return code
    }

    private func sendOnce(_ bytes: [UInt8], to peer: SocketAddress, from local: SocketAddress?) -> Int32 {
        withUnsafeTemporaryAllocation(
            byteCount: PacketInfoMessage.largestBytes, alignment: MemoryLayout<cmsghdr>.alignment
        ) { control in
            let controlBytes = local.map { PacketInfoMessage.write($0, into: control) } ?? 0
            return peer.withSockAddr { name, nameBytes in
                bytes.withUnsafeBytes { payload in
                    var vector = iovec(
                        iov_base: UnsafeMutableRawPointer(mutating: payload.baseAddress),
                        iov_len: payload.count)
                    return withUnsafeMutablePointer(to: &vector) { vector in
                        var message = msghdr()
                        message.msg_name = UnsafeMutableRawPointer(mutating: name)
                        message.msg_namelen = socklen_t(nameBytes)
                        message.msg_iov = vector
                        message.msg_iovlen = 1
                        message.msg_control = controlBytes > 0 ? control.baseAddress : nil
                        message.msg_controllen = controlBytes
                        while sendmsg(self.descriptor, &message, Int32(MSG_NOSIGNAL)) < 0 {
                            let code = errno
                            if code != EINTR { return code }
                        }
                        return 0
                    }
                }
            }
        }
    }

    @discardableResult
    private func set(_ level: Int32, _ option: Int32, to value: Int32) -> Bool {
        var value = value
        return setsockopt(self.descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size)) == 0
    }
}

/// The control message that names the source address of a datagram.
///
/// ```
///  cmsghdr, 16 octets             in_pktinfo, 12 octets       in6_pktinfo, 20 octets
///  length | level | type          index | source | (unused)   source | index
/// ```
private enum PacketInfoMessage {
    static let largestBytes = 64
    private static let headerBytes = MemoryLayout<cmsghdr>.size

    /// Writes the message for an IPv4 or IPv6 source; returns its length with padding, 0 for other families.
    static func write(_ local: SocketAddress, into buffer: UnsafeMutableRawBufferPointer) -> Int {
        // Zero as the interface's index leaves the route to the kernel.
        _ = buffer.initializeMemory(as: UInt8.self, repeating: 0)
        guard let address = TransportAddress(local)?.address else { return 0 }
        let octets = address.octets
        let source = UnsafeMutableRawBufferPointer(rebasing: buffer[self.headerBytes...])
        switch address.family {
        case .ipv4:
            UnsafeMutableRawBufferPointer(rebasing: source[4...]).copyBytes(from: octets)
            return self.finish(buffer, dataBytes: 12, level: Int32(IPPROTO_IP), type: IP_PKTINFO)
        case .ipv6:
            source.copyBytes(from: octets)
            return self.finish(buffer, dataBytes: 20, level: Int32(IPPROTO_IPV6), type: IPV6_PKTINFO)
        }
    }

    private static func finish(
        _ buffer: UnsafeMutableRawBufferPointer, dataBytes: Int, level: Int32, type: Int32
    ) -> Int {
        var header = cmsghdr()
        header.cmsg_len = self.headerBytes + dataBytes
        header.cmsg_level = level
        header.cmsg_type = type
        buffer.storeBytes(of: header, as: cmsghdr.self)
        let alignment = MemoryLayout<Int>.size
        return self.headerBytes + (dataBytes + alignment - 1) / alignment * alignment
    }
}

// The fields of sockaddr_in are read and written in C: which module they belong to for Swift depends on what else a
// file happens to import.
extension TransportAddress {
    /// The address in the system's form.
    func withSocketAddress<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        let plain = crosspoint_address(
            high: self.address.high, low: self.address.low, port: self.port, family: self.family.rawValue)
        var storage = sockaddr_storage()
        return withUnsafeMutablePointer(to: &storage) { storage in
            let length = crosspoint_sockaddr_write(plain, storage)
            return storage.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, length) }
        }
    }

    /// The address in the system's form at `pointer`; nil for other families.
    init?(system pointer: UnsafeRawPointer, length: UInt32) {
        let plain = crosspoint_sockaddr_read(pointer, length)
        switch plain.family {
        case 4: self.init(IPAddress(ipv4: UInt32(truncatingIfNeeded: plain.low)), port: plain.port)
        case 6: self.init(IPAddress(ipv6High: plain.high, low: plain.low), port: plain.port)
        default: return nil
        }
    }

    /// NIO's form of an address; nil for unix sockets.
    init?(_ address: SocketAddress) {
        let found = address.withSockAddr { TransportAddress(system: $0, length: UInt32($1)) }
        guard let found else { return nil }
        self = found
    }
}
