import CallControl
import Logging
import RTPPackets
import RelayPlanning

/// The lines at the ends of calls.
extension Relay {
    /// Writes the line of a call that ended, once the worker has said what it knows of the sources.
    func writeDetailRecord(of ended: EndedCall) {
        let logger = self.logger(for: ended.id).of(.cdr)
        guard logger.logLevel <= .info else { return }
        var record = CallDetailRecord(ended: ended)
        let ids = ended.report.parties.flatMap { $0.media.flatMap { $0.ports.map(\.plan.id) } }
        let live = self.liveCounters(of: ids)
        for id in ids { record.traffic[id] = self.traffic(of: id, live: live) }
        let isHeard = record.traffic.values.contains { $0.received.packets > 0 }
        // At the daemon's end no worker is left to wait for.
        guard isHeard, ended.reason != .shutdown else { return logger.info("\(record.text)") }
        self.quality(of: ids) { quality in
            record.quality = quality
            logger.info("\(record.text)")
        }
    }
}
