import CNetfilter
import Glibc
import WireFormat

extension KernelForwarder {
    /// Deletes UDP entries that translate both addresses between two of our relay ports and that nothing installed
    /// accounts for: what a crashed run left.
    func removeStrayEntries() throws(NetlinkError) {
        for family in self.layout.families {
            let strays = try self.strayEntries(family)
            for chunk in strays.chunks(of: Self.flowsPerTransaction) {
                self.messages.removeAll()
                for ends in chunk {
                    var from = ends.original_source
                    var to = ends.original_destination
                    self.messages.append {
                        crosspoint_put_conntrack_named($0, Message.deleteConntrack, ends.is_ipv6, &from, &to)
                    }
                }
                let attempted = "delete \(chunk.count) conntrack entries of an earlier run"
                self.messages.acknowledgeLast()
                let refusals = try self.connection.exchange(self.messages, attempting: attempted)
                if let refusal = refusals.first(where: { $0.errno != ENOENT }) {
                    throw refusal.error(attempting: attempted)
                }
            }
        }
    }

    private func strayEntries(_ family: AddressFamily) throws(NetlinkError) -> [crosspoint_conntrack] {
        self.messages.removeAll()
        self.messages.append { crosspoint_put_conntrack_dump($0, family == .ipv6) }
        var strays: [crosspoint_conntrack] = []
        _ = try self.connection.dump(self.messages, attempting: "list the conntrack entries") { message in
            var entry = crosspoint_conntrack()
            guard message.kind == CROSSPOINT_KIND_CONNTRACK,
                crosspoint_read_conntrack(message.header, &entry),
                self.isOurs(entry)
            else { return }
            strays.append(entry)
        }
        return strays
    }

    private func isOurs(_ entry: crosspoint_conntrack) -> Bool {
        guard entry.protocol == UInt8(IPPROTO_UDP),
            entry.status & ConntrackStatus.translated == ConntrackStatus.translated,
            self.layout.covers(UInt16(bigEndian: entry.original_destination.port)),
            self.layout.covers(UInt16(bigEndian: entry.reply_destination.port))
        else { return false }
        let ends = FlowEnds(
            remote: entry.original_source.transportAddress(isIPv6: entry.is_ipv6),
            local: entry.original_destination.transportAddress(isIPv6: entry.is_ipv6))
        let reversed = FlowEnds(
            remote: entry.reply_source.transportAddress(isIPv6: entry.is_ipv6),
            local: entry.reply_destination.transportAddress(isIPv6: entry.is_ipv6))
        return self.ledger.flows[ends] == nil && self.ledger.flows[reversed] == nil
    }
}
