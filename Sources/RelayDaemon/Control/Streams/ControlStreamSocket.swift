import Glibc
import Logging
import WireFormat

/// A TCP socket that listens for control; opened before anything else runs, so that a taken address stops the start.
struct ControlStreamSocket: Sendable {
    /// The descriptor; whoever passes it on to NIO must not use it afterwards.
    let descriptor: Int32

    /// Connections that may wait to be accepted.
    static let backlog: Int32 = 128

    /// Opens, binds and listens; an IPv6 socket takes no IPv4, so that both wildcards can be bound.
    init(listeningOn address: TransportAddress, for purpose: String) throws(ControlTransportError) {
        let attempt = "cannot listen for \(purpose) on tcp \(address)"
        let family = address.family == .ipv4 ? AF_INET : AF_INET6
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
        let descriptor = socket(family, type, 0)
        guard descriptor >= 0 else { throw ControlTransportError(attempt, code: errno) }
        self.descriptor = descriptor
        // Connections of the run before may still be in TIME_WAIT.
        self.set(SOL_SOCKET, SO_REUSEADDR)
        if family == AF_INET6 { self.set(Int32(IPPROTO_IPV6), IPV6_V6ONLY) }
        let bound = address.withSocketAddress { bind(descriptor, $0, $1) }
        guard bound == 0, Glibc.listen(descriptor, Self.backlog) == 0 else {
            let code = errno
            self.close()
            throw ControlTransportError(attempt, code: code)
        }
    }

    /// Closes a socket that was not passed on.
    func close() { _ = Glibc.close(self.descriptor) }

    /// Opens all sockets of one purpose, or none: any address that cannot be bound is an error, unless it is one of the
    /// two wildcards of a bare port and this host does not have its family.
    static func listen(
        on listeners: [ResolvedListener], for purpose: String, logger: Logger
    ) throws(ControlTransportError) -> [ControlStreamSocket] {
        var sockets: [ControlStreamSocket] = []
        for listener in listeners {
            for address in listener.addresses {
                do {
                    sockets.append(try ControlStreamSocket(listeningOn: address, for: purpose))
                } catch {
                    guard listener.addresses.count > 1, error.isLackOfFamily else {
                        for socket in sockets { socket.close() }
                        throw error
                    }
                    logger.info("\(error)")
                }
            }
        }
        return sockets
    }

    private func set(_ level: Int32, _ option: Int32) {
        var value: Int32 = 1
        _ = setsockopt(self.descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
    }
}
