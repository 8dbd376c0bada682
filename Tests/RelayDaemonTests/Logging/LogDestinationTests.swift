import Testing

@testable import RelayDaemon

@Suite struct LogDestinationTests {
    @Test(arguments: [
        (true, false, true, LogDestination.standardError), (true, true, true, .journal),
        (false, true, true, .journal),
        (false, false, true, .syslog(.local1)), (false, false, false, .standardError),
    ])
    func theLogGoesWhereItIsRead(stderr: Bool, journal: Bool, syslog: Bool, expected: LogDestination) {
        let destination = LogDestination.choose(
            logsToStandardError: stderr, standardErrorIsJournal: journal, hasSyslog: syslog, facility: .local1
        )
        #expect(destination == expected)
    }

    @Test func aStaleJournalVariableIsNotBelieved() {
        #expect(LogDestination.isJournal(journalStream: "8:1234", device: 8, inode: 1234))
        #expect(!LogDestination.isJournal(journalStream: "8:1234", device: 8, inode: 1235))
        #expect(!LogDestination.isJournal(journalStream: nil, device: 8, inode: 1234))
    }
}
