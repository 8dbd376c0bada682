import CNetfilter

/// nf_tables message types, in the width the messages use.
enum Message {
    static let newTable = UInt16(NFT_MSG_NEWTABLE.rawValue)
    static let deleteTable = UInt16(NFT_MSG_DELTABLE.rawValue)
    static let newElement = UInt16(NFT_MSG_NEWSETELEM.rawValue)
    static let getElement = UInt16(NFT_MSG_GETSETELEM.rawValue)
    static let deleteElement = UInt16(NFT_MSG_DELSETELEM.rawValue)
    static let deleteConntrack = UInt16(CROSSPOINT_CONNTRACK_DELETE)
    static let getConntrack = UInt16(CROSSPOINT_CONNTRACK_GET)
}

/// Flags of netlink requests in the combinations used here.
enum Flag {
    /// Create unless it exists.
    static let create = UInt16(NLM_F_CREATE)
    /// Create; an error if it exists.
    static let createOnly = UInt16(NLM_F_CREATE | NLM_F_EXCL)
    /// Report success too.
    static let acknowledge = UInt16(NLM_F_ACK)
    /// Send the notification of the change to us as well, with what was removed.
    static let echo = UInt16(NLM_F_ECHO)
}

/// Bits of a conntrack entry's status (linux/netfilter/nf_conntrack_common.h).
enum ConntrackStatus {
    /// Both directions count as seen and the entry is not dropped early under pressure.
    static let established = IPS_SEEN_REPLY.rawValue | IPS_ASSURED.rawValue | IPS_CONFIRMED.rawValue
    /// Packets do not change the timeout.
    static let fixedTimeout = IPS_FIXED_TIMEOUT.rawValue
    /// Both addresses are translated.
    static let translated = IPS_SRC_NAT.rawValue | IPS_DST_NAT.rawValue
}
