import CallControl
import RelayPlanning
import UserspaceForwarding
import WireFormat

/// Everything there is to say about the daemon as a whole at one moment: what metrics, `statistics` and `list totals` are
/// made of.
///
/// To fill it takes no longer with many calls than with few: sums are kept along and never made here.
struct DaemonStatistics: Sendable {
    /// One address of one logical interface.
    struct Interface: Sendable {
        var name: String
        var address: IPAddress
        /// Lowest and highest port for media.
        var range: ClosedRange<UInt16>
        /// Ports, not pairs.
        var usedPorts: Int
        var freePorts: Int
        var traffic = InterfaceTraffic.Totals()
        var quality = QualityTotals()

        var totalPorts: Int { self.usedPorts + self.freePorts }
        var usedPercent: Double {
            self.totalPorts == 0 ? 0 : Double(self.usedPorts) * 100 / Double(self.totalPorts)
        }
    }

    /// Packets that were relayed by one path since the start.
    struct Path: Sendable {
        var packets: UInt64 = 0
        var bytes: UInt64 = 0
        var errors: UInt64 = 0
    }

    var uptimeSeconds = 0.0
    var sessions = 0
    /// Directions of streams by the path they take.
    var userspaceStreams = 0
    var kernelStreams = 0
    var calls = CallTotals()
    var totals = RelayTotals()
    var requests = RequestTotals()
    var userspace = Path()
    var kernel = Path()
    var rates = TrafficRates()
    var interfaces: [Interface] = []
    var drops = DropCounters()
    var openPorts = 0
    var workers = 0
    var engine = ""
    var bufferShortages: UInt64 = 0
    var receiveErrors: UInt64 = 0
    var kernelPathWorks = false
    var omittedLogLines: UInt64 = 0
    /// Recordings, and packets that are missing from them; nil if nothing is recorded.
    var recordings: (totals: RecordingTotals, lostPackets: UInt64)?
    var lostLogMessages: UInt64 = 0
    /// 0 takes no new calls; nil for no limit.
    var maxSessions: Int?

    /// Calls that have ended.
    var endedCalls: UInt64 { self.calls.ended.values.reduce(0, &+) }

    /// Calls that ended for a reason.
    func ended(_ reason: EndReason) -> UInt64 { self.calls.ended[reason] ?? 0 }
}
