public import NATRules
public import WireFormat

/// One address of a logical interface.
public struct InterfaceAddress: Sendable, Hashable {
    /// The concrete address that sockets are bound to.
    public var local: IPAddress
    /// The address written into SDPs, different from `local` behind a 1:1 NAT.
    public var advertised: IPAddress
    /// The ports for media on this address; nil for the daemon's own range.
    public var ports: ClosedRange<UInt16>?
    /// Ports of the range that media must not take; a pair goes with either of its ports.
    public var excludedPorts: Set<UInt16> = []

    /// An address that is advertised as `advertised`, or as itself.
    public init(local: IPAddress, advertised: IPAddress? = nil) {
        self.local = local
        self.advertised = advertised ?? local
    }

    /// True if a relay port may be one of this interface's: two may share an address and differ in their ports.
    public func holds(_ port: TransportAddress) -> Bool {
        port.address == self.local && self.ports?.contains(port.port) != false
    }
}

/// A named set of addresses that calls choose by `direction` (`-i pub/192.0.2.1!203.0.113.1`).
public struct LogicalInterface: Sendable, Hashable {
    /// The name before the slash.
    public var name: String
    /// Its addresses in the order of configuration; the first of a family is used.
    public var addresses: [InterfaceAddress]

    /// An interface with at least one address.
    public init(name: String, addresses: [InterfaceAddress]) {
        self.name = name
        self.addresses = addresses
    }

    /// `pub` for `pub:1`, which is one of several that share the calls; the name itself if it has no suffix.
    public var group: Substring { self.name.prefix { $0 != ":" } }

    /// The first address of a family.
    public func address(of family: AddressFamily) -> InterfaceAddress? {
        self.addresses.first { $0.local.family == family }
    }
}

/// What the calls need to know of the configuration.
public struct RelaySettings: Sendable, Hashable {
    /// The logical interfaces; the first is the default. Never empty.
    public var interfaces: [LogicalInterface]
    /// Other names of interfaces.
    public var interfaceAliases: [String: String] = [:]
    /// `--endpoint-learning`.
    public var learningMode: LearningMode = .heuristic
    /// `--sip-source`: believe received-from unless a call says otherwise.
    public var trustsSIPSource = false
    /// `--tos`.
    public var trafficClass: UInt8 = 184
    /// `--timeout` in seconds.
    public var timeoutSeconds = 60.0
    /// `--silent-timeout` in seconds.
    public var silentTimeoutSeconds = 3600.0
    /// `--offer-timeout` in seconds.
    public var offerTimeoutSeconds = 3600.0
    /// `--final-timeout` in seconds; zero switches it off.
    public var finalTimeoutSeconds = 0.0
    /// `--one-way-timeout` in seconds: a call of which one direction has been silent for so long while the other was not;
    /// zero switches it off.
    public var oneWayTimeoutSeconds = 0.0
    /// `--delete-delay` in seconds.
    public var deleteDelaySeconds = 30.0
    /// `--max-sessions`; nil is no limit.
    public var maxSessions: Int?
    /// `--max-load`, `--max-cpu`, `--max-bandwidth`.
    public var loadLimits = LoadLimits()
    /// Names this relay in the SDPs of calls with `loop protect`: twelve hexadecimal digits; nil protects nothing.
    public var instanceID: String?

    /// Default settings with the given interfaces.
    public init(interfaces: [LogicalInterface]) {
        self.interfaces = interfaces
    }

    /// The addresses of all interfaces, in order.
    public var interfaceAddresses: [InterfaceAddress] { self.interfaces.flatMap(\.addresses) }

    /// The addresses ports are bound to, each once.
    public var localAddresses: Set<IPAddress> { Set(self.interfaces.flatMap { $0.addresses.map(\.local) }) }

    /// The interfaces that a name or alias stands for: one, or the members of a group.
    func interfaces(named name: String) -> [LogicalInterface] {
        let name = self.interfaceAliases[name] ?? name
        if let exact = self.interfaces.first(where: { $0.name == name }) { return [exact] }
        return self.interfaces.filter { $0.group == name }
    }

    /// `internal` and `external` once meant the IPv4 and the IPv6 side, and still do where no interface is called so
    /// (ng.md 2.1, `direction`); nil for other names, and if the default interface has no address of the family.
    func legacyFamily(named name: String) -> AddressFamily? {
        let family: AddressFamily
        switch name {
        case "internal": family = .ipv4
        case "external": family = .ipv6
        default: return nil
        }
        return self.interfaces.first?.address(of: family) == nil ? nil : family
    }

    /// The interface of exactly that name.
    func interface(_ name: String) -> LogicalInterface? { self.interfaces.first { $0.name == name } }
}

/// Limits that keep one call, however hostile its signalling, from exhausting the relay.
public enum CallLimits {
    /// Parties of one call: forks and transfers add some.
    public static let parties = 64
    /// Further ids of one call, of calls that were joined to it.
    public static let otherIDs = 64
    /// Subscribers of one call.
    public static let subscribers = 16
    /// Media sections of one party.
    public static let mediaSections = 32
    /// Media sections that the parties of one call have altogether.
    public static let mediaSlots = 64
    /// Edits of attributes that one message may ask for.
    public static let attributeEdits = 64
    /// Octets of a line that such an edit writes or looks for.
    public static let attributeOctets = 4096
    /// Port pairs kept open for one media section after its ports changed.
    public static let retiredPairs = 4
}
