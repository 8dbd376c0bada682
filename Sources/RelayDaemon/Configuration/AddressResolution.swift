import CallControl
import WireFormat

/// One address of a network interface of this host.
struct HostInterfaceAddress: Equatable, Sendable {
    /// `eth0`.
    var interface: String
    /// The address.
    var address: IPAddress
}

/// What this host knows about addresses: the seam between reading a configuration and asking the system.
struct HostAddresses: Sendable {
    /// The addresses of the interfaces that are up, in the system's order.
    var local: [HostInterfaceAddress]
    /// The addresses of a host name; empty if it has none.
    var lookUp: @Sendable (String) -> [IPAddress]
}

/// The logical interfaces as they are used, with nothing left to look up.
struct ResolvedInterfaces: Equatable, Sendable {
    /// In the order given; the first is the default. Never empty, and none is without an address.
    var interfaces: [LogicalInterface] = []
    /// Further names of logical interfaces, or of groups.
    var aliases: [String: String] = [:]
}

/// One `listen-ng` value, looked up: at least one of the addresses has to be bound.
struct ResolvedListener: Equatable, Sendable {
    /// Where to listen.
    var addresses: [TransportAddress]
}

/// All addresses for control, looked up.
struct ResolvedListeners: Equatable, Sendable {
    /// `listen-ng`.
    var ng: [ResolvedListener] = []
    /// `listen-tcp-ng`.
    var streamNG: [ResolvedListener] = []
    /// `listen-http`.
    var http: [ResolvedListener] = []
    /// `listen-cli`.
    var cli: [ResolvedListener] = []
}

extension DaemonConfiguration {
    /// Looks up the interfaces; the notes tell what was chosen or looks wrong.
    func resolveInterfaces(
        _ host: HostAddresses
    ) throws(ConfigurationError) -> (interfaces: ResolvedInterfaces, notes: [ConfigurationNote]) {
        guard self.interfaces.contains(where: { if case .addresses = $0 { true } else { false } }) else {
            return Self.firstAddresses(host)
        }
        var resolved = ResolvedInterfaces()
        var notes: [ConfigurationNote] = []
        for specification in self.interfaces {
            switch specification {
            case .alias(let alias, let name): resolved.aliases[alias] = name
            case .addresses(let addresses):
                for local in try Self.addresses(addresses, host: host) {
                    let address = InterfaceAddress(local: local, advertised: addresses.advertised)
                    if !resolved.add(address, to: addresses.name) {
                        notes.append(.warning("interface \(addresses.name) has \(local) more than once"))
                    }
                    // All of 127.0.0.0/8 can be bound, although only one address of it is listed.
                    if !local.isLoopback, !host.local.contains(where: { $0.address == local }) {
                        notes.append(
                            .warning(
                                "\(local) (interface \(addresses.name)) is not an address of this host now;"
                                    + " calls that need it will fail until it is"))
                    }
                }
            }
        }
        return (resolved, notes)
    }

    /// Looks up the addresses for control.
    func resolveListeners(_ host: HostAddresses) throws(ConfigurationError) -> ResolvedListeners {
        ResolvedListeners(
            ng: try Self.resolve(self.listenNG, of: .listenNG, host),
            streamNG: try Self.resolve(self.listenTCPNG, of: .listenTCPNG, host),
            http: try Self.resolve(self.listenHTTP, of: .listenHTTP, host),
            cli: try Self.resolve(self.listenCLI, of: .listenCLI, host))
    }

    private static func resolve(
        _ specifications: [ListenSpecification], of option: OptionName, _ host: HostAddresses
    ) throws(ConfigurationError) -> [ResolvedListener] {
        var listeners: [ResolvedListener] = []
        for listener in specifications {
            let addresses: [IPAddress]
            switch listener.host {
            case .address(let address): addresses = [address]
            case .any: addresses = AddressFamily.allCases.map(IPAddress.unspecified)
            case .name(let name):
                addresses = host.lookUp(name)
                guard !addresses.isEmpty else {
                    throw ConfigurationError("\(option.rawValue): the host name \"\(name)\" has no address")
                }
            }
            listeners.append(
                ResolvedListener(addresses: addresses.map { TransportAddress($0, port: listener.port) }))
        }
        return listeners
    }

    private static func addresses(
        _ specification: LocalAddressSpecification, host: HostAddresses
    ) throws(ConfigurationError) -> [IPAddress] {
        let what = "interface \(specification.name)"
        var found: [IPAddress]
        switch specification.source {
        case .address(let address):
            guard !address.isUnspecified, !address.isMulticast, !address.isUnroutableLinkLocal else {
                throw ConfigurationError(
                    "\(what): \(address) cannot carry media; expected a concrete address of this host, or \"any\""
                )
            }
            return [address]
        case .any:
            found = host.global
            guard !found.isEmpty else {
                throw ConfigurationError("\(what): \"any\" found nothing but loopback addresses on this host")
            }
        case .name(let name):
            let ofInterface = host.local.filter { $0.interface == name }.map(\.address)
            found = (ofInterface.isEmpty ? host.lookUp(name) : ofInterface).filter {
                !$0.isUnroutableLinkLocal
            }
            guard !found.isEmpty else {
                throw ConfigurationError(
                    "\(what): \"\(name)\" is neither a network interface that is up and has an address,"
                        + " nor a host name that can be looked up")
            }
        }
        if let advertised = specification.advertised {
            found = found.filter { $0.family == advertised.family }
            guard !found.isEmpty else {
                throw ConfigurationError(
                    "\(what): there is no \(advertised.family.sdpName) address that \(advertised) could stand for"
                )
            }
        }
        return found
    }

    /// What is used without any `--interface`.
    private static func firstAddresses(
        _ host: HostAddresses
    ) -> (interfaces: ResolvedInterfaces, notes: [ConfigurationNote]) {
        let global = AddressFamily.allCases.compactMap { family in
            host.global.first { $0.family == family }
        }
        let chosen = global.isEmpty ? [IPAddress(ipv4: 0x7F00_0001)] : global
        let text = chosen.map(\.description).joined(separator: " and ")
        let interfaces = ResolvedInterfaces(
            interfaces: [
                LogicalInterface(
                    name: InterfaceSpecification.defaultName,
                    addresses: chosen.map { InterfaceAddress(local: $0) })
            ])
        let note: ConfigurationNote =
            global.isEmpty
            ? .warning("no interface given and none found: media only on \(text)")
            : .notice("no interface given: media on \(text)")
        return (interfaces, [note])
    }
}

extension ResolvedInterfaces {
    /// Adds an address to the logical interface of this name; false if it has it already.
    fileprivate mutating func add(_ address: InterfaceAddress, to name: String) -> Bool {
        guard let index = self.interfaces.firstIndex(where: { $0.name == name }) else {
            self.interfaces.append(LogicalInterface(name: name, addresses: [address]))
            return true
        }
        guard !self.interfaces[index].addresses.contains(address) else { return false }
        self.interfaces[index].addresses.append(address)
        return true
    }
}

extension HostAddresses {
    /// Addresses that others can reach: neither loopback nor IPv6 link-local.
    fileprivate var global: [IPAddress] {
        self.local.map(\.address).filter { !$0.isLoopback && !$0.isUnroutableLinkLocal }
    }
}

extension IPAddress {
    /// An IPv6 link-local address means nothing without its zone, which neither SDP nor we carry.
    fileprivate var isUnroutableLinkLocal: Bool { self.family == .ipv6 && self.isLinkLocal }
}
