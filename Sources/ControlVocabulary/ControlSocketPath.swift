/// Where the daemon's control socket is when nobody says otherwise: the one place both programs ask.
public enum ControlSocketPath {
    /// The socket of a daemon that runs as root.
    public static let system = "/run/crosspoint/control.sock"

    /// The socket of a daemon of the given user, from what the environment says of a runtime directory.
    public static func standard(userID: UInt32, runtimeDirectory: String?) -> String {
        if userID == 0 { return self.system }
        if let runtimeDirectory, runtimeDirectory.hasPrefix("/") {
            return "\(runtimeDirectory)/crosspoint/control.sock"
        }
        return "/tmp/crosspoint-\(userID)/control.sock"
    }

    /// Where a client looks, in this order: the user's own daemon, then the system's.
    public static func candidates(userID: UInt32, runtimeDirectory: String?) -> [String] {
        let own = self.standard(userID: userID, runtimeDirectory: runtimeDirectory)
        return own == self.system ? [own] : [own, self.system]
    }
}
