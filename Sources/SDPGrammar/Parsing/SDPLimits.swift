/// What bounds the memory and the time one session description may cost; going beyond is an ``SDPError``.
public enum SDPLimits {
    /// Octets of the whole text: what fits a UDP datagram of the control protocol.
    public static let octets = 65536
    /// Lines of the whole text, blank ones included.
    public static let lines = 4096
    /// `m=` sections.
    public static let mediaSections = 64
    /// Formats of one `m=` line; RTP has 128 payload types.
    public static let formatsPerSection = 256
    /// `a=` lines at session level, and again in each media section.
    public static let attributesPerSection = 1024
    /// Session-level `a=setup`, `a=fingerprint` and `a=tls-id` lines that a rewrite repeats in each section they hold for.
    public static let inheritedAttributes = 16
}
