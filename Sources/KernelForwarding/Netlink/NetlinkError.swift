import Glibc

/// Why the kernel did not do what was asked over netlink: the error number, what was attempted, and what to do about
/// it in words for operators.
public struct NetlinkError: Error, Sendable, Hashable {
    /// What callers have to tell apart.
    public enum Kind: Sendable, Hashable {
        /// EPERM, EACCES: the process may not change the kernel's tables.
        case notPermitted
        /// EOPNOTSUPP, EPROTONOSUPPORT, EAFNOSUPPORT, EINVAL: this kernel lacks something the path needs.
        case unsupported
        /// ENOMEM when a conntrack entry was to be created.
        case conntrackTableFull
        /// ENOMEM elsewhere, EMSGSIZE, ENFILE, EMFILE.
        case outOfMemory
        /// ENOBUFS: answers of the kernel were lost, so the outcome is unknown.
        case answersLost
        /// EBUSY, EAGAIN, EINTR, after bounded retries.
        case busy
        /// EEXIST.
        case alreadyExists
        /// ENOENT.
        case missing
        /// Refused here, before the kernel was asked.
        case refused
        /// Anything else.
        case other
    }

    /// The error number, positive.
    public let errno: Int32
    /// What was attempted, as "create the chain classify".
    public let attempted: String
    /// The kernel's own words, if it gave any.
    public let kernelText: String?
    /// What callers have to tell apart.
    public let kind: Kind

    init(errno: Int32, attempting attempted: String, kernelText: String? = nil) {
        self.errno = errno
        self.attempted = attempted
        self.kernelText = kernelText
        self.kind = Self.kind(of: errno)
    }

    init(kind: Kind, errno: Int32, attempting attempted: String, kernelText: String? = nil) {
        self.errno = errno
        self.attempted = attempted
        self.kernelText = kernelText
        self.kind = kind
    }

    private static func kind(of errno: Int32) -> Kind {
        switch errno {
        case EPERM, EACCES: .notPermitted
        case EOPNOTSUPP, EPROTONOSUPPORT, EAFNOSUPPORT, EINVAL: .unsupported
        case ENOMEM, EMSGSIZE, ENFILE, EMFILE: .outOfMemory
        case ENOBUFS: .answersLost
        case EBUSY, EAGAIN, EINTR: .busy
        case EEXIST: .alreadyExists
        case ENOENT: .missing
        default: .other
        }
    }

    /// What the operator can do; empty where nothing general can be said.
    public var remedy: String {
        switch self.kind {
        case .notPermitted:
            "run as root or give the process CAP_NET_ADMIN (systemd: AmbientCapabilities=CAP_NET_ADMIN)"
        case .unsupported:
            "the kernel needs nf_tables with the inet family, nft_ct, nft_nat and conntrack (modules nf_tables, "
                + "nft_ct, nft_nat, nf_nat, nf_conntrack_netlink)"
        case .conntrackTableFull:
            "raise net.netfilter.nf_conntrack_max; the stream stays in userspace"
        case .outOfMemory: "free memory or raise the process's limits"
        case .answersLost: "raise net.core.rmem_max or give the process CAP_NET_ADMIN"
        case .busy: "another program keeps the tables busy; the next attempt may succeed"
        case .alreadyExists: "another program created it"
        case .missing: "another program removed it; the table is put back when that is noticed"
        case .refused, .other: ""
        }
    }
}

extension NetlinkError: CustomStringConvertible {
    /// One line: what failed, why, and what to do.
    public var description: String {
        var text = "could not \(self.attempted): "
        text += self.kind == .conntrackTableFull ? "the conntrack table is full" : Self.words(for: self.errno)
        if let kernelText = self.kernelText { text += " (\(kernelText))" }
        if !self.remedy.isEmpty { text += "; \(self.remedy)" }
        return text
    }

    private static func words(for errno: Int32) -> String {
        guard let words = strerror(errno) else { return "error \(errno)" }
        return String(cString: words)
    }
}
