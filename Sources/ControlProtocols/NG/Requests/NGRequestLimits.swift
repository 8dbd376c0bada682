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
    /// Codecs of one operation (`strip`, `offer`, …); the rest is left out with a notice.
    public static let codecs = 128
    /// Octets of a codec's name with rate, channels and parameters; a longer one is left out with a notice.
    public static let codecOctets = 256
    /// Edits of attributes; the rest is left out with a notice.
    public static let attributeEdits = 128
    /// Octets of an attribute in an edit; a longer one is left out with a notice.
    public static let attributeOctets = 2_048
    /// Header extensions by name; the rest is left out with a notice.
    public static let headerExtensions = 64
    /// Octets of the path of a recording's file or directory, or of its pattern; a longer one is left out with a notice.
    public static let pathOctets = 1_024
    /// Octets of a line for the command line interface; more is an error.
    public static let cliOctets = 4_096
    /// Templates that one request names; the rest is not looked at.
    public static let templatesPerRequest = 8
    /// Call-ids that `list` gives without a `limit`.
    public static let defaultListLimit = 32
    /// Longest `delete delay` in seconds; a longer one counts as this.
    public static let deleteDelaySeconds: Int64 = 86_400
}
