import Glibc

/// Why a recording ended before its time.
struct RecordingFailure: Error, Equatable, CustomStringConvertible {
    /// What was attempted: `writing`, `making the directory`.
    let attempted: String
    /// With which file.
    let path: String
    let errno: Int32

    /// `writing /x/y.pcap: No space left on device; make room on that file system`.
    var description: String {
        let reason = strerror(self.errno).map { String(cString: $0) } ?? "error \(self.errno)"
        return "\(self.attempted) \(self.path): \(reason); \(self.advice)"
    }

    private var advice: String {
        switch self.errno {
        case ENOSPC, EDQUOT, EFBIG: "make room on that file system"
        case EACCES, EPERM: "let the user of this daemon (uid \(geteuid())) write there"
        case EROFS: "the file system is read-only, or systemd protects it: see ReadWritePaths"
        case EMFILE, ENFILE: "raise LimitNOFILE"
        case ENOENT, ENOTDIR: "put the directories back"
        default: "look at that file system"
        }
    }
}
