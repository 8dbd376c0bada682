/// What a request may contain at most.
public enum NGRequestLimits {
    /// Octets of a call-id, tag or via-branch; more is an error.
    public static let identifierOctets = 1_024
    /// Octets of a label; a longer one is left out with a notice.
    public static let labelOctets = 256
    /// Octets of metadata; longer ones are left out with a notice.
    public static let metadataOctets = 8_192
    /// Octets of an interface name; a longer one is left out with a notice.
    public static let interfaceNameOctets = 64
    /// Notices kept of one request; the rest is counted nowhere.
    public static let notices = 64
    /// Octets of the name in a notice; the rest is cut off.
    public static let noticeOctets = 80
    /// Nesting of lists and dictionaries in a flags string.
    public static let flagStringDepth = 8
    /// Words of a flags string, or members of one list; the rest is not read.
    public static let listMembers = 512
    /// Call-ids that `list` gives without a `limit`.
    public static let defaultListLimit = 32
    /// Longest `delete delay` in seconds; a longer one counts as this.
    public static let deleteDelaySeconds: Int64 = 86_400
}
