import Foundation
import RelayPlanning
import Synchronization
import Testing
import WireFormat

/// The daemon's sockets on the two relay ports, and the simplest relay between them: what is not from the known party
/// is kept and not forwarded.
final class UserspaceRelay: Sendable {
    struct Seen {
        var fromCaller = 0
        var fromCallee = 0
        var strangers: [[UInt8]] = []
        /// Packets of the parties that do not begin like RTP, or are RTCP.
        var special: [[UInt8]] = []
        var failedSends = 0
    }

    private let sockets: (caller: Int32, callee: Int32)
    private let seenState = Mutex(Seen())
    private let isStopped = Atomic<Bool>(false)
    private let ended = DispatchSemaphore(value: 0)

    init(_ stream: LabStream) throws {
        let caller = try Self.bind(to: stream.relayForCaller)
        let callee = try Self.bind(to: stream.relayForCallee)
        self.sockets = (caller, callee)
        Thread { [self] in
            self.run(stream)
            self.ended.signal()
        }.start()
    }

    /// Ends the relay and closes its sockets.
    func stop() {
        isStopped.store(true, ordering: .relaxed)
        ended.wait()
        close(sockets.caller)
        close(sockets.callee)
    }

    var seen: Seen { seenState.withLock { $0 } }

    private func run(_ stream: LabStream) {
        var waiting = [
            pollfd(fd: sockets.caller, events: Int16(POLLIN), revents: 0),
            pollfd(fd: sockets.callee, events: Int16(POLLIN), revents: 0),
        ]
        while !isStopped.load(ordering: .relaxed) {
            guard poll(&waiting, 2, 20) > 0 else { continue }
            pump(sockets.caller, from: stream.caller, out: sockets.callee, to: stream.callee, \.fromCaller)
            pump(sockets.callee, from: stream.callee, out: sockets.caller, to: stream.caller, \.fromCallee)
        }
    }

    private func pump(
        _ input: Int32, from party: TransportAddress, out: Int32, to target: TransportAddress,
        _ count: WritableKeyPath<Seen, Int>
    ) {
        var buffer = [UInt8](repeating: 0, count: 2048)
        while true {
            var source = sockaddr_storage()
            var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
            let received = withUnsafeMutablePointer(to: &source) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    recvfrom(input, &buffer, buffer.count, Int32(MSG_DONTWAIT), $0, &length)
                }
            }
            guard received > 0 else { return }
            let packet = Array(buffer[..<received])
            let isRTP = packet.count >= 12 && packet[0] >> 6 == 2 && !(192...223).contains(packet[1])
            guard source.matches(party), isRTP else {
                seenState.withLock { seen in
                    if source.matches(party) {
                        seen.special.append(packet)
                    } else {
                        seen.strangers.append(packet)
                    }
                }
                continue
            }
            let sent = target.withSocketAddress { sendto(out, packet, packet.count, 0, $0, $1) }
            seenState.withLock { seen in
                seen[keyPath: count] += 1
                if sent != packet.count { seen.failedSends += 1 }
            }
        }
    }

    private static func bind(to address: TransportAddress) throws -> Int32 {
        let domain = address.family == .ipv4 ? AF_INET : AF_INET6
        let descriptor = socket(domain, Int32(SOCK_DGRAM.rawValue), 0)
        try #require(descriptor >= 0)
        var octets: Int32 = 8 << 20
        _ = setsockopt(
            descriptor, SOL_SOCKET, SO_RCVBUFFORCE, &octets, socklen_t(MemoryLayout<Int32>.size))
        let result = address.withSocketAddress { Glibc.bind(descriptor, $0, $1) }
        try #require(result == 0, "bind \(address): \(errno)")
        return descriptor
    }
}

extension TransportAddress {
    fileprivate func withSocketAddress<Result>(
        _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        var storage = sockaddr_storage()
        withUnsafeMutableBytes(of: &storage) { octets in
            let family = self.family == .ipv4 ? AF_INET : AF_INET6
            octets.storeBytes(of: sa_family_t(family), as: sa_family_t.self)
            octets.storeBytes(of: port.bigEndian, toByteOffset: 2, as: UInt16.self)
            octets.dropFirstBytes(self.family == .ipv4 ? 4 : 8).copyBytes(from: address.octets)
        }
        let length = self.family == .ipv4 ? MemoryLayout<sockaddr_in>.size : MemoryLayout<sockaddr_in6>.size
        return withUnsafePointer(to: storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(length)) }
        }
    }
}

extension UnsafeMutableRawBufferPointer {
    fileprivate func dropFirstBytes(_ count: Int) -> UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(rebasing: self[count...])
    }
}

extension sockaddr_storage {
    fileprivate func matches(_ address: TransportAddress) -> Bool {
        withUnsafeBytes(of: self) { octets in
            let offset = address.family == .ipv4 ? 4 : 8
            let port = UInt16(bigEndian: octets.loadUnaligned(fromByteOffset: 2, as: UInt16.self))
            return port == address.port && octets[offset...].starts(with: address.address.octets)
        }
    }
}
