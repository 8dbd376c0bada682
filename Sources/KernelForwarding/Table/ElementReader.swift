import CNetfilter
import Glibc
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

    /// Asks for the elements of these flows one by one, in requests of many; nil for those that are not there.
    static func counters(
        of flows: [KernelFlow], in table: String, through connection: borrowing NetlinkConnection,
        using messages: inout NetlinkMessages
    ) throws(NetlinkError) -> [TrafficCounters?] {
        var counted: [FlowEnds: TrafficCounters] = [:]
        counted.reserveCapacity(flows.count)
        for chunk in flows.chunks(of: KernelForwarder.flowsPerTransaction) {
            messages.removeAll()
            for flow in chunk {
                var ends = crosspoint_flow(flow)
                let map = StreamMap.streams(flow.source.family).name
                messages.append {
                    crosspoint_put_element(
                        $0, Message.getElement, 0, table, map, &ends, CROSSPOINT_VALUE_NONE, nil)
                }
            }
            let attempted = "read the counters of \(chunk.count) flows"
            messages.acknowledgeLast()
            let refusals = try connection.exchange(messages, attempting: attempted) { message in
                guard message.kind == CROSSPOINT_KIND_ELEMENTS else { return }
                forEach(in: message) { counted[$0] = $1.counters }
            }
            if let refusal = refusals.first(where: { $0.errno != ENOENT }) {
                throw refusal.error(attempting: attempted)
            }
        }
        return flows.map { counted[$0.ends] }
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
