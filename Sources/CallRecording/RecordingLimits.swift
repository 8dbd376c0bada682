/// Bounds of what a controller or a call can make a recording grow to.
public enum RecordingLimits {
    /// Octets of an escaped call-id in a file name; file systems allow 255 for the whole name.
    public static let callIDOctets = 180
    /// Octets of one part of a path that a controller chose, before a suffix.
    public static let nameOctets = 200
    /// Directories below `recording-dir`.
    public static let directoryDepth = 8
    /// Octets of a path or pattern as a controller wrote it.
    public static let pathOctets = 1024
    /// Octets of SDPs and notes in one metadata file; what comes later is left out, and the file says so.
    public static let metadataOctets = 1 << 20
    /// Octets of orders that wait for a disk that hangs: SDPs for metadata, and files to be made.
    public static let waitingOctets = 1 << 25
    /// Recordings at a time: each has a file open.
    public static let recordings = 4096
}
