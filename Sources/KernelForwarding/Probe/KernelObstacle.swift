public import WireFormat

/// Something on this host that keeps the kernel path from working, in words for operators.
public struct KernelObstacle: Sendable, Hashable, CustomStringConvertible {
    /// The kind of obstacle.
    public enum Kind: Sendable, Hashable {
        /// The process may not change the kernel's tables.
        case notPermitted
        /// nf_tables cannot hold our table.
        case noTables
        /// conntrack cannot hold translated entries.
        case noTranslation
        /// The kernel does not forward packets of this family.
        case forwardingDisabled
        /// Another table's forward chain drops by default.
        case droppingChain
    }

    /// The kind of obstacle.
    public let kind: Kind
    /// The family it concerns; nil means both.
    public let family: AddressFamily?
    /// What is wrong.
    public let problem: String
    /// What to do about it, with the exact command where there is one.
    public let remedy: String

    /// True if packets of this family cannot be forwarded because of it.
    public func concerns(_ family: AddressFamily) -> Bool { self.family == nil || self.family == family }

    /// What is wrong and what to do.
    public var description: String { "\(self.problem): \(self.remedy)" }
}
