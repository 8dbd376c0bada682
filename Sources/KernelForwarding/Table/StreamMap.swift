import CNetfilter
import WireFormat

/// One of the table's four maps. All have the key source address . source port . local address . local port.
enum StreamMap: UInt32, CaseIterable {
    /// Who may send to which relay port, and where it goes; each element counts.
    case streams4 = 1
    /// What the far side must see as the sender of the same packets.
    case sources4 = 2
    case streams6 = 3
    case sources6 = 4

    /// The map whose elements say where packets go.
    static func streams(_ family: AddressFamily) -> StreamMap { family == .ipv4 ? .streams4 : .streams6 }
    /// The map whose elements say what packets leave as.
    static func sources(_ family: AddressFamily) -> StreamMap { family == .ipv4 ? .sources4 : .sources6 }

    /// The name in nft.
    var name: String {
        switch self {
        case .streams4: "streams4"
        case .sources4: "sources4"
        case .streams6: "streams6"
        case .sources6: "sources6"
        }
    }

    /// The number by which rules of the same transaction refer to the map.
    var identifier: UInt32 { self.rawValue }

    var family: AddressFamily {
        switch self {
        case .streams4, .sources4: .ipv4
        case .streams6, .sources6: .ipv6
        }
    }

    /// True if each element has a counter.
    var isCounted: Bool { self == .streams4 || self == .streams6 }

    /// Appends the message that creates the map.
    func appendCreation(to messages: inout NetlinkMessages, table: String) {
        // nft's numbers for its data types; concatenations take six bits a field.
        let address: UInt32 = self.family == .ipv4 ? 7 : 8
        let port: UInt32 = 13
        let end = address << 6 | port
        // Every field is padded to whole registers of four octets.
        let endOctets: UInt32 = self.family == .ipv4 ? 4 + 4 : 16 + 4
        var layout = crosspoint_map_layout(
            key_type: end << 12 | end, key_length: 2 * endOctets, data_type: end, data_length: endOctets,
            identifier: self.identifier, is_counted: self.isCounted)
        messages.append { crosspoint_put_map($0, table, self.name, &layout) }
    }
}
