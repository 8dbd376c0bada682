import CNetfilter
import Glibc
public import RelayPlanning
public import WireFormat

/// Has the stock kernel forward streams: a table of nf_tables that shows each stream with counters and a comment, and
/// a conntrack entry with address translation for each.
///
/// Used from one thread. Every method returns when the kernel has done its part; none waits for anything else. Kernel
/// state outlives the process on purpose (a crash does not cut calls off): ``shutDown()`` removes it, and so does the
/// next start.
public final class KernelForwarder {
    /// Flows that one nf_tables transaction or one round of conntrack requests may carry.
    public static let flowsPerTransaction = 512
    /// The table's usual name, in the family inet.
    public static let defaultTable = "crosspoint"
    /// Octets of the request buffer; a transaction of ``flowsPerTransaction`` needs less than half.
    static let bufferOctets = 1 << 20
    /// How long a conntrack entry stays without its stream: only crashes leave such entries, and a start removes them.
    /// The timeout is fixed, so a silent party does not lose its entry and no packet has to renew it.
    static let entryTimeoutSeconds: UInt32 = 24 * 3600
    /// How often plain entries of the same tuples are cleared away before an installation gives up.
    static let clearingRounds = 8

    private(set) var layout: RelayTable
    let connection: NetlinkConnection
    var messages: NetlinkMessages
    var ledger = FlowLedger()
    /// True if the kernel may hold elements or conntrack entries of ours that nobody knows of: a clean-up failed.
    /// ``restore(_:)`` removes them.
    public internal(set) var hasLeftovers = false

    /// Removes what an earlier run left under this name or on these ports, and puts the table in place.
    ///
    /// - Parameters:
    ///   - table: The table's name; instances on one host need different ones.
    ///   - portRanges: The relay's ports. Everything else in and out of them is untracked by conntrack.
    ///   - trafficClass: Traffic class of forwarded packets, of which the six DSCP bits are set; nil keeps the
    ///     sender's.
    ///   - families: The families that ``probe(families:)`` found to work.
    /// - Throws: ``NetlinkError`` naming the part of the table that the kernel refused.
    public convenience init(
        table: String = KernelForwarder.defaultTable, portRanges: [ClosedRange<UInt16>],
        trafficClass: UInt8? = nil, families: Set<AddressFamily> = Set(AddressFamily.allCases)
    ) throws(NetlinkError) {
        try self.init(
            layout: RelayTable(
                name: table, portRanges: portRanges, trafficClass: trafficClass, families: families))
    }

    init(layout: RelayTable) throws(NetlinkError) {
        let table = layout.name
        guard (1..<NFT_TABLE_MAXNAMELEN).contains(Int32(table.utf8.count)) else {
            throw NetlinkError(kind: .refused, errno: EINVAL, attempting: "use \"\(table)\" as a table name")
        }
        self.layout = layout
        self.connection = try NetlinkConnection()
        self.messages = NetlinkMessages(capacity: Self.bufferOctets)
        try self.setUpTable()
        try self.removeStrayEntries()
    }

    /// Our netlink port, by which ``KernelTableWatch`` tells our changes from those of others.
    var netlinkPort: UInt32 { self.connection.portIdentifier }

    /// The table's name.
    public var table: String { self.layout.name }

    /// How many directions are installed.
    public var flowCount: Int { self.ledger.flows.count }

    /// Removes the table and every conntrack entry of ours; nothing of ours remains in the kernel.
    ///
    /// Packets reach the daemon's sockets from then on. Throws the first error after trying everything.
    public func shutDown() throws(NetlinkError) {
        var first: NetlinkError?
        do { try self.removeTable() } catch { first = error }
        let flows = Array(self.ledger.flows.values)
        self.ledger.removeAll()
        do {
            for chunk in flows.chunks(of: Self.flowsPerTransaction) { try self.deleteEntries(of: chunk) }
            try self.removeStrayEntries()
        } catch { first = first ?? error }
        if let first { throw first }
    }

    /// Puts table, entries and elements back after another program removed or altered them.
    ///
    /// Returns the counters of the elements that were still there, in the order of `flows`; the new ones start at
    /// zero. Flows that were installed and are not in `flows` are gone afterwards.
    public func restore(
        _ flows: [(KernelFlow, comment: String)]
    ) throws(NetlinkError) -> [TrafficCounters] {
        let last = try self.counters(of: flows.map(\.0)).map { $0 ?? TrafficCounters() }
        let wanted = Set(flows.map(\.0))
        let forgotten = self.ledger.flows.values.filter {
            !wanted.contains($0) && !wanted.contains($0.reversed)
        }
        let hadLeftovers = self.hasLeftovers
        // Until all of it has worked, there may be entries that no list of ours names any more.
        self.hasLeftovers = true
        self.ledger.removeAll()
        try self.setUpTable()
        for chunk in forgotten.chunks(of: Self.flowsPerTransaction) { try self.deleteEntries(of: chunk) }
        try self.install(flows)
        if hadLeftovers { try self.removeStrayEntries() }
        self.hasLeftovers = false
        return last
    }

    // MARK: Table

    func setUpTable() throws(NetlinkError) {
        do {
            try self.sendTable()
        } catch {
            guard self.layout.asksForMembership, error.kind == .unsupported else { throw error }
            self.layout.asksForMembership = false
            try self.sendTable()
        }
    }

    private func sendTable() throws(NetlinkError) {
        var attempts: [String] = []
        try self.transact(attempts: &attempts) { messages, attempts in
            self.layout.appendSetUp(to: &messages, attempts: &attempts)
        }
    }

    private func removeTable() throws(NetlinkError) {
        var attempts: [String] = []
        try self.transact(attempts: &attempts) { messages, attempts in
            self.layout.appendRemoval(to: &messages, attempts: &attempts)
        }
    }

    /// One transaction, all or nothing; the first refusal is thrown with what it was about.
    private func transact(
        attempts: inout [String], _ append: (inout NetlinkMessages, inout [String]) -> Void
    ) throws(NetlinkError) {
        self.messages.removeAll()
        attempts.append("begin a transaction")
        self.messages.append(crosspoint_put_batch_begin)
        append(&self.messages, &attempts)
        self.messages.acknowledgeLast()
        self.messages.append(crosspoint_put_batch_end)
        let whole = "set up the table inet \(self.layout.name)"
        let refusals = try self.connection.exchange(self.messages, attempting: whole)
        guard let refusal = refusals.first else { return }
        let index = self.messages.index(of: refusal.sequence) ?? 0
        throw refusal.error(attempting: attempts.indices.contains(index) ? attempts[index] : whole)
    }
}

extension Array {
    /// Consecutive pieces of at most `size` elements.
    func chunks(of size: Int) -> [ArraySlice<Element>] {
        stride(from: 0, to: self.count, by: size).map { self[$0..<Swift.min($0 + size, self.count)] }
    }
}
