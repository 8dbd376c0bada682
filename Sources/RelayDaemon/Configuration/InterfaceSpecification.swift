import WireFormat

/// One `--interface` value, as written: nothing is looked up yet.
enum InterfaceSpecification: Equatable, Sendable {
    /// Addresses for a logical interface.
    case addresses(LocalAddressSpecification)
    /// `ALIAS=NAME`: another name for a logical interface that was given before.
    case alias(String, of: String)

    /// The name of a logical interface that has none.
    static let defaultName = "default"

    /// Reads `[NAME/]ADDRESS[!ADVERTISED]` or `ALIAS=NAME`; the text of the error says what is wrong.
    init(_ text: String) throws(InterfaceSyntaxError) {
        let slash = text.firstIndex(of: "/")
        if let equals = text.firstIndex(of: "="), slash.map({ equals < $0 }) ?? true {
            let alias = text[..<equals].trimmingSpaces
            let name = text[text.index(after: equals)...].trimmingSpaces
            guard Self.isName(alias), Self.isName(name) else { throw .badAlias }
            self = .alias(String(alias), of: String(name))
            return
        }
        let name = slash.map { text[..<$0].trimmingSpaces } ?? Self.defaultName[...]
        guard Self.isName(name) else { throw .badName(String(name)) }
        let rest = slash.map { text[text.index(after: $0)...] } ?? text[...]
        let bang = rest.firstIndex(of: "!")
        let source = rest[..<(bang ?? rest.endIndex)].trimmingSpaces
        guard !source.isEmpty else { throw .noAddress }
        let advertised = try bang.map { bang throws(InterfaceSyntaxError) in
            try Self.advertised(rest[rest.index(after: bang)...].trimmingSpaces)
        }
        self = .addresses(
            LocalAddressSpecification(
                name: String(name), source: HostSpecification(source), advertised: advertised))
    }

    /// A name is anything printable without the characters that have a meaning here; `NAME:SUFFIX` is one too.
    private static func isName(_ text: some StringProtocol) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
            && !text.contains { "/=!;".contains($0) }
    }

    private static func advertised(_ text: Substring) throws(InterfaceSyntaxError) -> IPAddress {
        guard let address = IPAddress(unbracketed(text)) else { throw .badAdvertised(String(text)) }
        guard !address.isUnspecified, !address.isMulticast else { throw .badAdvertised(String(text)) }
        return address
    }
}

/// Where a logical interface takes its addresses from.
struct LocalAddressSpecification: Equatable, Sendable {
    /// The logical interface.
    var name: String
    /// An address, `any`, or the name of a network interface or of a host.
    var source: HostSpecification
    /// What SDP says instead of the local address.
    var advertised: IPAddress?
    /// Its own lowest port for media; nil for the daemon's.
    var firstPort: UInt16?
    /// Its own highest port for media; nil for the daemon's.
    var lastPort: UInt16?
    /// Ports that media must not take.
    var excludedPorts: Set<UInt16> = []
}

/// A host as an operator may write it.
enum HostSpecification: Equatable, Sendable {
    /// An address; IPv6 with or without brackets.
    case address(IPAddress)
    /// `any`: every address of this host.
    case any
    /// To be looked up: a network interface of this host, or a host name.
    case name(String)

    /// Tells the forms apart; never fails, since whatever is no address may be a name.
    init(_ text: some StringProtocol) {
        if let address = IPAddress(unbracketed(text)) {
            self = .address(address)
        } else if text == "any" {
            self = .any
        } else {
            self = .name(String(text))
        }
    }
}

/// `[2001:db8::1]` without its brackets; anything else unchanged.
func unbracketed(_ text: some StringProtocol) -> String {
    text.hasPrefix("[") && text.hasSuffix("]") ? String(text.dropFirst().dropLast()) : String(text)
}

/// What is wrong with an `--interface` value.
enum InterfaceSyntaxError: Error, Equatable, CustomStringConvertible {
    case badAlias
    case badName(String)
    case noAddress
    case badAdvertised(String)

    /// In words.
    var description: String {
        switch self {
        case .badAlias: "an alias is written ALIAS=NAME"
        case .badName(let name): "\"\(name)\" cannot name an interface"
        case .noAddress: "there is no address"
        case .badAdvertised(let text): "the advertised address \"\(text)\" is not an IPv4 or IPv6 address"
        }
    }
}
