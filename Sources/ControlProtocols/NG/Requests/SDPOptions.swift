/// What is done to the codec lists of an SDP without a codec engine (ng.md 2.1, `codec`).
///
/// Members are `NAME`, `NAME/RATE`, `NAME/RATE/CHANNELS`, or `all` and `full`, as they were written.
public struct CodecOptions: Sendable, Hashable {
    /// `strip`: taken out.
    public var strip: [String] = []
    /// `except`: with `strip-all`, what stays.
    public var except: [String] = []
    /// `offer`: what is taken back that was stripped, in this order before the rest.
    public var offer: [String] = []
    /// `ignore`: taken out as `strip` does, towards both sides.
    public var ignore: [String] = []
    /// `single codec`: an answer keeps its first codec only.
    public var isSingle = false
    /// `allow no codec media`: a section that lost all codecs stays that way.
    public var allowsNone = false

    /// Nothing is changed.
    public init() {}

    /// True if codec lists are passed on as they came.
    public var isEmpty: Bool { self == CodecOptions() }
}

/// One edit of the attributes of the SDP that goes out (ng.md 2.1, `sdp-attr`).
public struct SDPAttributeEdit: Sendable, Hashable {
    /// Where it applies.
    public enum Scope: Sendable, Hashable {
        /// The session and every section.
        case everywhere
        /// The session's own attributes.
        case session
        /// Sections of that kind (`audio`, `video`, …).
        case media(String)
    }
    /// What is done.
    public enum Operation: Sendable, Hashable {
        /// A line `a=TEXT` is added unless it is there.
        case add(String)
        /// Lines `a=TEXT`, and if the text has no value, attributes of that name, are taken out.
        case remove(String)
        /// A line `a=FROM` becomes `a=TO`.
        case substitute(from: String, to: String)
    }

    /// Where it applies.
    public var scope: Scope
    /// What is done.
    public var operation: Operation

    /// An edit.
    public init(_ scope: Scope, _ operation: Operation) {
        self.scope = scope
        self.operation = operation
    }
}

/// What becomes of `a=extmap` (RFC 8285).
public struct HeaderExtensionOptions: Sendable, Hashable {
    /// `strip extmap`: none goes out.
    public var stripsAll = false
    /// `extmap-strip-URI`: those go out no more.
    public var strip: Set<String> = []

    /// All are passed on.
    public init() {}
}
