import CallControl
import Logging
import RelayPlanning

/// The lines at the ends of calls.
extension Relay {
    /// Counts a call that has ended and writes its line, once the worker has said what it knows of the sources. Its ports
    /// must still be open: their counters are read here, and the worker answers in the order of the commands.
    func conclude(_ ended: EndedCall) {
        let logger = self.logger(for: ended.id).of(.cdr)
        guard logger.logLevel <= .info else { return self.account(for: ended) }
        var record = CallDetailRecord(ended: ended)
        let ids = ended.report.parties.flatMap { $0.media.flatMap { $0.ports.map(\.plan.id) } }
        let live = self.liveCounters(of: ids)
        for id in ids { record.traffic[id] = self.traffic(of: id, live: live) }
        self.account(for: ended) { quality in
            record.quality = quality
            logger.info("\(record.text)")
        }
    }
}
