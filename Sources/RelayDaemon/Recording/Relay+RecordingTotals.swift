import ControlVocabulary
import UserspaceForwarding

/// Counters of recordings, for `crosspointctl stats`.
extension Relay {
    /// Recordings and what is in them.
    func recordingTotals() -> [String: StatisticValue] {
        guard let recorder = self.recording.recorder else { return ["working": .text("no")] }
        let totals = recorder.totals
        func count(_ number: UInt64) -> StatisticValue { .integer(Int64(clamping: number)) }
        return [
            "working": .text("yes"), "active": .integer(Int64(self.recording.active.count)),
            "openFiles": .integer(Int64(totals.active)), "started": count(totals.started),
            "finished": count(totals.finished), "discarded": count(totals.discarded),
            "failed": count(totals.failed), "packets": count(totals.packets), "bytes": count(totals.octets),
            "lostPackets": count(recorder.tap.lostPackets),
        ]
    }
}
