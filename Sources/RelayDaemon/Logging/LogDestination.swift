/// Where the log goes.
enum LogDestination: Equatable, Sendable {
    /// Standard error, read by people or kept in a file.
    case standardError
    /// Standard error, which is the journal.
    case journal
    /// syslog(3).
    case syslog(SyslogFacility)

    /// Chooses: `--log-stderr` always means standard error; the journal goes before syslog; where there is neither, as
    /// in a container, standard error is better than nothing.
    static func choose(
        logsToStandardError: Bool, standardErrorIsJournal: Bool, hasSyslog: Bool, facility: SyslogFacility
    ) -> LogDestination {
        if standardErrorIsJournal { return .journal }
        if logsToStandardError || !hasSyslog { return .standardError }
        return .syslog(facility)
    }

    /// True if `JOURNAL_STREAM` (`DEVICE:INODE`, systemd.exec(5)) names the file that standard error is.
    ///
    /// The variable alone is not enough: children inherit it and may have been redirected.
    static func isJournal(journalStream: String?, device: UInt64, inode: UInt64) -> Bool {
        journalStream == "\(device):\(inode)"
    }
}
