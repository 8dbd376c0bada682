import CNetfilter
import Glibc
public import RelayPlanning
import WireFormat

extension KernelForwarder {
    /// Hands directions over to the kernel: conntrack entries first, then all elements in one transaction.
    ///
    /// Either all of `flows` are installed or, when this throws, none is. A conntrack entry comes first because the
    /// first packets of both directions would otherwise make two entries that clash, and one packet would be lost.
    ///
    /// - Parameter flows: Directions and their comments for `nft list map`, as `call-id/media/direction`.
    /// - Throws: ``NetlinkError``; of kind `refused` for flows this path cannot carry, `conntrackTableFull` when there
    ///   is no room. The streams stay in userspace then.
    public func install(_ flows: [(KernelFlow, comment: String)]) throws(NetlinkError) {
        var done: [KernelFlow] = []
        for chunk in flows.chunks(of: Self.flowsPerTransaction) {
            do {
                try self.installChunk(chunk)
            } catch {
                for earlier in done.chunks(of: Self.flowsPerTransaction) { self.withdraw(earlier) }
                throw error
            }
            done += chunk.map(\.0)
        }
    }

    private func installChunk(_ flows: ArraySlice<(KernelFlow, comment: String)>) throws(NetlinkError) {
        var entries: [KernelFlow] = []
        var accepted: [KernelFlow] = []
        var created = 0
        do {
            for (flow, _) in flows {
                try self.check(flow)
                if self.ledger.insert(flow) { entries.append(flow) }
                accepted.append(flow)
            }
            try self.createEntries(entries, created: &created)
            try self.addElements(flows)
        } catch {
            for flow in accepted { _ = self.ledger.remove(flow) }
            self.undo(accepted, entries: entries[..<created], isUncertain: error.kind == .answersLost)
            throw error
        }
    }

    /// Takes back what an installation that failed had done. The error that led here says more than one of the clean-up
    /// would; a clean-up that fails is left to ``restore(_:)``.
    ///
    /// - Parameter isUncertain: the answer got lost, so the elements may be in place all the same.
    private func undo(_ flows: [KernelFlow], entries: ArraySlice<KernelFlow>, isUncertain: Bool) {
        do {
            if isUncertain { _ = try self.deleteElements(of: flows) }
            try self.deleteEntries(of: entries)
        } catch {
            self.hasLeftovers = true
        }
    }

    /// Removes flows of an installation that failed later on; errors are of no use to anybody here.
    private func withdraw(_ flows: ArraySlice<KernelFlow>) {
        do { _ = try self.remove(Array(flows)) } catch { self.hasLeftovers = true }
    }

    private func check(_ flow: KernelFlow) throws(NetlinkError) {
        let attempted = "install the flow \(flow.words)"
        func refusal(_ text: String, _ errno: Int32 = EINVAL) -> NetlinkError {
            NetlinkError(kind: .refused, errno: errno, attempting: attempted, kernelText: text)
        }
        guard let family = flow.family else { throw refusal("address families differ") }
        guard self.layout.families.contains(family) else {
            throw refusal("IPv\(family.rawValue) is not set up")
        }
        guard self.layout.covers(flow.local.port), self.layout.covers(flow.relay.port) else {
            throw refusal("not a relay port")
        }
        if let other = self.ledger.conflict(with: flow) {
            throw refusal("in the way is \(other.words)", EEXIST)
        }
    }

    // MARK: Elements

    private func addElements(_ flows: ArraySlice<(KernelFlow, comment: String)>) throws(NetlinkError) {
        self.messages.removeAll()
        self.messages.append(crosspoint_put_batch_begin)
        for (flow, comment) in flows {
            guard let family = flow.family else { continue }
            var ends = crosspoint_flow(flow)
            let table = self.layout.name
            let text = Comment.listable(comment)
            self.messages.append {
                crosspoint_put_element(
                    $0, Message.newElement, Flag.createOnly, table, StreamMap.streams(family).name, &ends,
                    CROSSPOINT_VALUE_DESTINATION, text)
            }
            self.messages.append {
                crosspoint_put_element(
                    $0, Message.newElement, Flag.createOnly, table, StreamMap.sources(family).name, &ends,
                    CROSSPOINT_VALUE_RELAY, nil)
            }
        }
        self.messages.acknowledgeLast()
        self.messages.append(crosspoint_put_batch_end)
        let refusals = try self.connection.exchange(
            self.messages,
            attempting: "add \(flows.count) flows to the table inet \(self.layout.name)")
        guard let refusal = refusals.first else { return }
        // Two messages a flow, after the one that begins the batch.
        let place = flows.startIndex + max(0, (self.messages.index(of: refusal.sequence) ?? 0) - 1) / 2
        let words = flows.indices.contains(place) ? flows[place].0.words : "unknown"
        throw refusal.error(attempting: "add the flow \(words) to the table inet \(self.layout.name)")
    }

    // MARK: Conntrack entries

    /// Creates the entries; a plain entry that is in the way (packets that passed tracked before) is deleted, in both
    /// directions, and the creation tried again.
    private func createEntries(_ flows: [KernelFlow], created: inout Int) throws(NetlinkError) {
        var waiting = flows[...]
        for _ in 0..<Self.clearingRounds {
            guard !waiting.isEmpty else { return }
            // Whatever was created may have to be undone, also if the answer is lost; deleting what is not there does no
            // harm.
            created = flows.count
            let refusals = try self.requestEntries(waiting)
            guard refusals.allSatisfy({ $0.refusal.errno == EEXIST }) else {
                throw Self.worst(of: refusals)
            }
            let clashing = refusals.map(\.flow)
            try self.deleteEntries(of: clashing[...])
            waiting = clashing[...]
        }
        guard let stuck = waiting.first else { return }
        throw NetlinkError(
            errno: EEXIST, attempting: "create a conntrack entry for \(stuck.words)",
            kernelText: "another entry with these addresses keeps coming back")
    }

    private static func worst(of refusals: [(flow: KernelFlow, refusal: NetlinkRefusal)]) -> NetlinkError {
        let worst = refusals.first { $0.refusal.errno != EEXIST } ?? refusals[0]
        let attempted = "create a conntrack entry for \(worst.flow.words)"
        guard worst.refusal.errno == ENOMEM else { return worst.refusal.error(attempting: attempted) }
        return NetlinkError(
            kind: .conntrackTableFull, errno: ENOMEM, attempting: attempted, kernelText: worst.refusal.text)
    }

    private func requestEntries(
        _ flows: ArraySlice<KernelFlow>
    ) throws(NetlinkError) -> [(flow: KernelFlow, refusal: NetlinkRefusal)] {
        self.messages.removeAll()
        for flow in flows {
            var ends = crosspoint_flow(flow)
            self.messages.append {
                crosspoint_put_conntrack_create(
                    $0, &ends, ConntrackStatus.established | ConntrackStatus.fixedTimeout,
                    Self.entryTimeoutSeconds)
            }
        }
        self.messages.acknowledgeLast()
        let refusals = try self.connection.exchange(
            self.messages, attempting: "create \(flows.count) conntrack entries")
        return refusals.compactMap { refusal in
            guard let index = self.messages.index(of: refusal.sequence), index < flows.count else {
                return nil
            }
            return (flows[flows.startIndex + index], refusal)
        }
    }

    /// Deletes the entries that packets of these flows, or packets against them, meet; missing ones are no error.
    func deleteEntries(of flows: ArraySlice<KernelFlow>) throws(NetlinkError) {
        guard !flows.isEmpty else { return }
        self.messages.removeAll()
        for flow in flows {
            for ends in [flow.ends, flow.reversed.ends] {
                var from = crosspoint_end(ends.remote)
                var to = crosspoint_end(ends.local)
                let isIPv6 = ends.local.family == .ipv6
                self.messages.append {
                    crosspoint_put_conntrack_named($0, Message.deleteConntrack, isIPv6, &from, &to)
                }
            }
        }
        self.messages.acknowledgeLast()
        let refusals = try self.connection.exchange(
            self.messages, attempting: "delete \(flows.count) conntrack entries")
        guard let refusal = refusals.first(where: { $0.errno != ENOENT }) else { return }
        let place = flows.startIndex + (self.messages.index(of: refusal.sequence) ?? 0) / 2
        let words = flows.indices.contains(place) ? flows[place].words : "unknown"
        throw refusal.error(attempting: "delete the conntrack entry of \(words)")
    }
}
