import CNetfilter
import RelayPlanning
import WireFormat

/// Reads the elements of the streams maps out of received messages.
enum ElementReader {
    /// Shows each element's key and content to `read`.
    static func forEach(in message: crosspoint_message, _ read: (FlowEnds, crosspoint_element) -> Void) {
        for map in [StreamMap.streams4, .streams6] {
            var position: UnsafeRawPointer?
            var element = crosspoint_element()
            while crosspoint_next_element(message.header, &position, map.name, &element) {
                read(element.flow.ends, element)
            }
        }
    }
}

extension crosspoint_element {
    /// Packets and UDP payload octets; nft counts whole IP packets.
    var counters: TrafficCounters {
        let header: UInt64 = self.flow.is_ipv6 ? 40 + 8 : 20 + 8
        let (headers, overflow) = self.packets.multipliedReportingOverflow(by: header)
        guard !overflow, headers <= self.octets else { return TrafficCounters(packets: self.packets) }
        return TrafficCounters(packets: self.packets, bytes: self.octets - headers)
    }
}
