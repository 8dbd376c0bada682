import CNetfilter
import Glibc

/// Notices when another program removes or alters our table, as `nft flush ruleset` does.
///
/// Used from one thread. When ``fileDescriptor`` is readable, call ``drain()``.
public final class KernelTableWatch {
    private let table: String
    private let connection: NetlinkConnection

    /// Watches the table of this forwarder; the forwarder's own changes never reach the watch.
    public init(over forwarder: KernelForwarder) throws(NetlinkError) {
        self.table = forwarder.table
        self.connection = try NetlinkConnection()
        let result = crosspoint_netlink_watch_tables(self.connection.descriptor, forwarder.netlinkPort)
        guard result == 0 else {
            throw NetlinkError(errno: -result, attempting: "watch the changes of nf_tables")
        }
    }

    /// Becomes readable when somebody else changed any table; owned by the watch.
    public var fileDescriptor: Int32 { self.connection.descriptor }

    /// Reads what happened since the last call; true if our table lost something, or if so much happened that this
    /// cannot be known: then ``KernelForwarder/restore(_:)`` is due.
    public func drain() -> Bool {
        let removals: Set<UInt16> = [
            UInt16(NFT_MSG_DELTABLE.rawValue), UInt16(NFT_MSG_DELCHAIN.rawValue),
            UInt16(NFT_MSG_DELRULE.rawValue), UInt16(NFT_MSG_DELSET.rawValue),
            UInt16(NFT_MSG_DELSETELEM.rawValue),
        ]
        var isDamaged = false
        do {
            try self.connection.receiveAll(attempting: "read the changes of nf_tables") { message in
                if removals.contains(message.type), crosspoint_is_about_table(message.header, self.table) {
                    isDamaged = true
                }
            }
        } catch {
            // Changes were lost: whatever is still queued tells no more than that.
            isDamaged = true
            try? self.connection.receiveAll(attempting: "read the changes of nf_tables") { _ in }
        }
        return isDamaged
    }
}
