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
        switch local {
        case .v4(let address):
            let source = address.address.sin_addr.s_addr
            buffer.storeBytes(of: source, toByteOffset: self.headerBytes + 4, as: UInt32.self)
            return self.finish(buffer, dataBytes: 12, level: Int32(IPPROTO_IP), type: IP_PKTINFO)
        case .v6(let address):
            withUnsafeBytes(of: address.address.sin6_addr) { source in
                UnsafeMutableRawBufferPointer(rebasing: buffer[self.headerBytes...]).copyMemory(from: source)
            }
            return self.finish(buffer, dataBytes: 20, level: Int32(IPPROTO_IPV6), type: IPV6_PKTINFO)
        case .unixDomainSocket: return 0
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

extension TransportAddress {
    /// The address in the system's form.
    func withSocketAddress<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        switch self.family {
        case .ipv4:
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = self.port.bigEndian
            address.sin_addr.s_addr = self.address.ipv4Bits.bigEndian
            return withSockaddr(&address, body)
        case .ipv6:
            var address = sockaddr_in6()
            address.sin6_family = sa_family_t(AF_INET6)
            address.sin6_port = self.port.bigEndian
            withUnsafeMutableBytes(of: &address.sin6_addr) { $0.copyBytes(from: self.address.octets) }
            return withSockaddr(&address, body)
        }
    }
}

private func withSockaddr<Address, Result>(
    _ address: inout Address, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
) -> Result {
    withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            body($0, socklen_t(MemoryLayout<Address>.size))
        }
    }
}
