import Glibc
import WireFormat

extension HostAddresses {
    /// This host's interfaces as they are now, and the system's resolver, which may block.
    static func system() throws(ConfigurationError) -> HostAddresses {
        HostAddresses(local: try systemInterfaceAddresses(), lookUp: systemLookUp)
    }
}

private func systemInterfaceAddresses() throws(ConfigurationError) -> [HostInterfaceAddress] {
    var first: UnsafeMutablePointer<ifaddrs>?
    guard getifaddrs(&first) == 0 else {
        let code = errno
        throw ConfigurationError("cannot list the network interfaces: \(String(cString: strerror(code)))")
    }
    defer { freeifaddrs(first) }
    var addresses: [HostInterfaceAddress] = []
    var next = first
    while let entry = next?.pointee {
        next = entry.ifa_next
        guard entry.ifa_flags & UInt32(IFF_UP) != 0, let address = IPAddress(entry.ifa_addr) else {
            continue
        }
        addresses.append(HostInterfaceAddress(interface: String(cString: entry.ifa_name), address: address))
    }
    return addresses
}

private func systemLookUp(_ name: String) -> [IPAddress] {
    var hints = addrinfo()
    hints.ai_family = AF_UNSPEC
    hints.ai_socktype = Int32(SOCK_DGRAM.rawValue)
    // Only families this host has an address of, so that "localhost" does not name a missing ::1.
    hints.ai_flags = AI_ADDRCONFIG
    var first: UnsafeMutablePointer<addrinfo>?
    guard getaddrinfo(name, nil, &hints, &first) == 0 else { return [] }
    defer { freeaddrinfo(first) }
    var addresses: [IPAddress] = []
    var next = first
    while let entry = next?.pointee {
        next = entry.ai_next
        if let address = IPAddress(entry.ai_addr), !addresses.contains(address) { addresses.append(address) }
    }
    return addresses
}

extension IPAddress {
    /// The address in a socket address; nil for other families.
    fileprivate init?(_ pointer: UnsafeMutablePointer<sockaddr>?) {
        guard let pointer else { return nil }
        let length: UInt32
        switch Int32(pointer.pointee.sa_family) {
        case AF_INET: length = 16
        case AF_INET6: length = 28
        default: return nil
        }
        guard let address = TransportAddress(system: pointer, length: length)?.address else { return nil }
        self = address
    }
}
