/// The sender reports of one RTCP datagram, to be remembered by the tracker of the port it leaves by.
public struct RelayedReports: Sendable {
    /// How many are taken from one datagram: as many as sources are tracked.
    static let capacity = 4

    private(set) var marks = InlineArray<4, SenderReportMark?>(repeating: nil)
    private var count = 0

    mutating func append(_ mark: SenderReportMark) {
        guard self.count < Self.capacity else { return }
        self.marks[self.count] = mark
        self.count &+= 1
    }

    /// True if the datagram held no sender report.
    public var isEmpty: Bool { self.count == 0 }
}
