internal import CEpoll
internal import CLinux
internal import Glibc
internal import WireFormat

/// Datagrams that are about to leave; those that leave one after the other by the same socket are sent at once.
struct Outbox: ~Copyable {
    /// Where a datagram came from and where it leaves.
    struct Route {
        let arrival: UInt32
        let sink: UInt32
        /// The sink's socket.
        let descriptor: Int32
    }

    /// Datagrams it has room for.
    static let capacity = 256

    private let departures: UnsafeMutablePointer<crosspoint_departure>
    private let routes: UnsafeMutablePointer<Route>
    private var count = 0

    /// An empty one.
    init() {
        self.departures = LazyMemory.allocate(crosspoint_departure.self, count: Self.capacity)
        self.routes = LazyMemory.allocate(Route.self, count: Self.capacity)
    }

    deinit {
        LazyMemory.free(self.departures)
        LazyMemory.free(self.routes)
    }

    /// True if it has to be emptied before anything is added.
    var isFull: Bool { self.count == Self.capacity }

    /// Adds a datagram, whose octets stay where they are until it is emptied.
    @inline(__always)
    mutating func add(
        _ payload: UnsafeRawBufferPointer, bytes: Int, to destination: TransportAddress, route: Route
    ) {
        let departure = self.departures + self.count
        departure.pointee.payload = payload.baseAddress
        departure.pointee.length = UInt32(bytes)
        departure.pointee.address_length = crosspoint_sockaddr_write(
            destination.system, UnsafeMutableRawPointer(departure) + Self.addressOffset)
        self.routes[self.count] = route
        self.count &+= 1
    }

    private static let addressOffset = MemoryLayout<crosspoint_departure>.offset(of: \.address) ?? 0

    /// Sends everything; what the kernel refuses is counted.
    mutating func empty(counting ports: inout PortTable) {
        var next = 0
        while next < self.count {
            let descriptor = self.routes[next].descriptor
            var end = next &+ 1
            while end < self.count, self.routes[end].descriptor == descriptor,
                end &- next < Int(CROSSPOINT_BURST)
            {
                end &+= 1
            }
            self.send(next..<end, by: descriptor, counting: &ports)
            next = end
        }
        self.count = 0
    }

    /// Sends some datagrams by one socket. The kernel stops at one that it refuses; the others go on without it.
    @inline(__always)
    private func send(_ range: Range<Int>, by descriptor: Int32, counting ports: inout PortTable) {
        var next = range.lowerBound
        while next < range.upperBound {
            let sent = crosspoint_udp_send_burst(
                descriptor, self.departures + next, UInt32(range.upperBound &- next))
            if sent > 0 {
                next &+= Int(sent)
            } else {
                self.refuse(next, errno: -sent, counting: &ports)
                next &+= 1
            }
        }
    }

    private func refuse(_ index: Int, errno: Int32, counting ports: inout PortTable) {
        ports.countRefused(
            bytes: Int(self.departures[index].length), by: Int(self.routes[index].sink),
            arrivedOn: Int(self.routes[index].arrival), errno: errno)
    }
}
