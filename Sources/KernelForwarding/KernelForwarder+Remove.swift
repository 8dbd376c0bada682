import CNetfilter
import Glibc
public import RelayPlanning
import WireFormat

extension KernelForwarder {
    /// Takes directions back: elements first, in one transaction, then the conntrack entries nothing uses any more.
    ///
    /// Returns the final counters in the order of `flows`. They are what the kernel itself reports about each element
    /// at the moment the transaction takes effect, so no packet is missing. Flows that are not installed, or whose
    /// elements another program removed, count zero.
    public func remove(_ flows: [KernelFlow]) throws(NetlinkError) -> [TrafficCounters] {
        var final: [TrafficCounters] = []
        final.reserveCapacity(flows.count)
        for chunk in flows.chunks(of: Self.flowsPerTransaction) { final += try self.removeChunk(chunk) }
        return final
    }

    private func removeChunk(_ flows: ArraySlice<KernelFlow>) throws(NetlinkError) -> [TrafficCounters] {
        let present = flows.filter(self.ledger.contains)
        let counted = try self.deleteElements(of: present)
        let unused = present.filter { self.ledger.remove($0) }
        try self.deleteEntries(of: unused[...])
        return flows.map { counted[$0.ends] ?? TrafficCounters() }
    }

    private func deleteElements(of flows: [KernelFlow]) throws(NetlinkError) -> [FlowEnds: TrafficCounters] {
        var waiting = flows
        // One round if all is well. Elements that someone else removed fail the transaction, so they are left out of
        // the next; two more rounds allow for changes in between.
        for _ in 0..<3 where !waiting.isEmpty {
            var counted: [FlowEnds: TrafficCounters] = [:]
            let refusals = try self.requestDeletion(of: waiting, counted: &counted)
            guard !refusals.isEmpty else { return counted }
            if let other = refusals.first(where: { $0.errno != ENOENT }) {
                throw other.error(attempting: "remove \(waiting.count) flows from the table inet \(self.table)")
            }
            let missing = Set(refusals.compactMap { self.flowPlace(of: $0) })
            waiting = waiting.enumerated().filter { !missing.contains($0.offset) }.map(\.element)
        }
        return [:]
    }

    /// Two messages a flow, after the one that begins the batch.
    private func flowPlace(of refusal: NetlinkRefusal) -> Int? {
        self.messages.index(of: refusal.sequence).map { max(0, $0 - 1) / 2 }
    }

    private func requestDeletion(
        of flows: [KernelFlow], counted: inout [FlowEnds: TrafficCounters]
    ) throws(NetlinkError) -> [NetlinkRefusal] {
        self.messages.removeAll()
        self.messages.append(crosspoint_put_batch_begin)
        let table = self.layout.name
        for flow in flows {
            var ends = crosspoint_flow(flow)
            let family = flow.source.family
            self.messages.append {
                crosspoint_put_element(
                    $0, Message.deleteElement, Flag.echo, table, StreamMap.streams(family).name, &ends,
                    CROSSPOINT_VALUE_NONE, nil)
            }
            self.messages.append {
                crosspoint_put_element(
                    $0, Message.deleteElement, Flag.acknowledge, table, StreamMap.sources(family).name, &ends,
                    CROSSPOINT_VALUE_NONE, nil)
            }
        }
        self.messages.append(crosspoint_put_batch_end)
        return try self.connection.exchange(
            self.messages, acknowledged: self.messages.lastSequence - 1,
            attempting: "remove \(flows.count) flows from the table inet \(table)"
        ) { message in
            guard message.kind == CROSSPOINT_KIND_ELEMENTS, message.type == Message.deleteElement else { return }
            ElementReader.forEach(in: message) { counted[$0] = $1.counters }
        }
    }

    /// The counters of installed flows at this moment, in order; nil for a flow whose element is not there.
    public func counters(of flows: [KernelFlow]) throws(NetlinkError) -> [TrafficCounters?] {
        var counted: [FlowEnds: TrafficCounters] = [:]
        for chunk in flows.chunks(of: Self.flowsPerTransaction) {
            try self.readCounters(of: chunk, into: &counted)
        }
        return flows.map { counted[$0.ends] }
    }

    private func readCounters(
        of flows: ArraySlice<KernelFlow>, into counted: inout [FlowEnds: TrafficCounters]
    ) throws(NetlinkError) {
        self.messages.removeAll()
        for flow in flows {
            var ends = crosspoint_flow(flow)
            let map = StreamMap.streams(flow.source.family).name
            self.messages.append {
                crosspoint_put_element(
                    $0, Message.getElement, Flag.acknowledge, self.layout.name, map, &ends,
                    CROSSPOINT_VALUE_NONE, nil)
            }
        }
        let refusals = try self.connection.exchange(
            self.messages, acknowledged: self.messages.lastSequence,
            attempting: "read the counters of \(flows.count) flows"
        ) { message in
            guard message.kind == CROSSPOINT_KIND_ELEMENTS else { return }
            ElementReader.forEach(in: message) { counted[$0] = $1.counters }
        }
        if let refusal = refusals.first(where: { $0.errno != ENOENT }) {
            throw refusal.error(attempting: "read the counters of \(flows.count) flows")
        }
    }
}
