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
        // Without elements an entry is never asked: packets to relay ports are untracked again, and the counters count.
        do { try self.deleteEntries(of: unused[...]) } catch { self.hasLeftovers = true }
        return flows.map { counted[$0.ends] ?? TrafficCounters() }
    }

    /// One element to delete.
    private struct Deletion {
        let flow: KernelFlow
        let map: StreamMap
    }

    /// Deletes the elements of these flows and returns what they had counted; missing ones are no error.
    func deleteElements(of flows: [KernelFlow]) throws(NetlinkError) -> [FlowEnds: TrafficCounters] {
        var waiting = flows.flatMap { flow -> [Deletion] in
            let family = flow.source.family
            return [Deletion(flow: flow, map: .streams(family)), Deletion(flow: flow, map: .sources(family))]
        }
        let attempted = "remove \(flows.count) flows from the table inet \(self.table)"
        // One round if all is well. Elements that someone else removed fail the transaction, so they are left out of
        // the next; two more rounds allow for changes in between.
        for _ in 0..<3 where !waiting.isEmpty {
            var counted: [FlowEnds: TrafficCounters] = [:]
            let refusals = try self.request(waiting, attempting: attempted, counted: &counted)
            guard !refusals.isEmpty else { return counted }
            if let other = refusals.first(where: { $0.errno != ENOENT }) {
                throw other.error(attempting: attempted)
            }
            // The message before the deletions begins the batch.
            let missing = Set(refusals.compactMap { self.messages.index(of: $0.sequence).map { $0 - 1 } })
            waiting = waiting.enumerated().filter { !missing.contains($0.offset) }.map(\.element)
        }
        guard waiting.isEmpty else { throw NetlinkError(errno: EBUSY, attempting: attempted) }
        return [:]
    }

    private func request(
        _ deletions: [Deletion], attempting attempted: String, counted: inout [FlowEnds: TrafficCounters]
    ) throws(NetlinkError) -> [NetlinkRefusal] {
        self.messages.removeAll()
        self.messages.append(crosspoint_put_batch_begin)
        for deletion in deletions {
            var ends = crosspoint_flow(deletion.flow)
            // The echo is the kernel's notification of the removal, with the counters.
            let flags = deletion.map.isCounted ? Flag.echo : 0
            self.messages.append {
                crosspoint_put_element(
                    $0, Message.deleteElement, flags, self.layout.name, deletion.map.name, &ends,
                    CROSSPOINT_VALUE_NONE, nil)
            }
        }
        self.messages.acknowledgeLast()
        self.messages.append(crosspoint_put_batch_end)
        return try self.connection.exchange(self.messages, attempting: attempted) { message in
            guard message.kind == CROSSPOINT_KIND_ELEMENTS, message.type == Message.deleteElement else {
                return
            }
            ElementReader.forEach(in: message) { counted[$0] = $1.counters }
        }
    }

    /// The counters of installed flows at this moment, in order; nil for a flow whose element is not there.
    public func counters(of flows: [KernelFlow]) throws(NetlinkError) -> [TrafficCounters?] {
        try ElementReader.counters(
            of: flows, in: self.layout.name, through: self.connection, using: &self.messages)
    }
}
