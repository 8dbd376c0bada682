import CallControl
import CallRecording
import Glibc
import Logging
import NIOConcurrencyHelpers
import RelayPlanning
import UserspaceForwarding
import WireFormat

/// Writes the files of all recordings; lives on a thread of its own, so that a slow disk delays neither packets nor
/// commands.
final class RecordingWriter {
    /// How long packets wait in the rings, unless a ring fills before.
    static let drainMilliseconds: Int32 = 50
    /// How long what is in memory waits for the disk, in nanoseconds.
    private static let flushNanoseconds: UInt64 = 1_000_000_000

    private let tap: RecordingTap
    private let files: RecordingFiles
    private let logger: Logger
    private let mail: RecordingMail
    private let clock = SystemClock()
    private var recordings: [RecordingID: OpenRecording] = [:]
    /// Orders that wait until the packets that came before them are written.
    private var waitingOrders: [RecordingOrder] = []
    private var totals = RecordingTotals()
    private var lastFlush = MonotonicTime(nanoseconds: 0)
    private var limiter = RepeatedMessageLimiter<String>(burst: Relay.linesPerMinuteAndKind)

    init(tap: RecordingTap, files: RecordingFiles, logger: Logger, mail: RecordingMail) {
        self.tap = tap
        self.files = files
        self.logger = logger
        self.mail = mail
    }

    /// Writes until it is told to stop and everything is finished.
    func run() {
        var isStopping = false
        while !isStopping {
            self.tap.wait(milliseconds: self.recordings.isEmpty ? -1 : Self.drainMilliseconds)
            isStopping = self.mail.isStopping
            // In this order: an order to finish comes after the last packet was put into a ring.
            self.takeOrders()
            self.drain()
            let orders = self.waitingOrders
            self.waitingOrders = []
            for order in orders { self.perform(order) }
            self.flushIfDue()
            self.totals.active = self.recordings.count
            self.mail.totals.withLockedValue { $0 = self.totals }
        }
        for id in Array(self.recordings.keys) { self.finish(id, RecordingEnd()) }
    }

    /// Begins what is to begin at once, because its packets may be in the rings already.
    private func takeOrders() {
        for order in self.mail.take() {
            if case .begin(let id, let start) = order {
                self.begin(id, start)
            } else {
                self.waitingOrders.append(order)
            }
        }
    }

    private func drain() {
        let now = self.clock.now
        let offset = now.unixMicroseconds - Int64(clamping: now.monotonic.nanoseconds / 1000)
        self.tap.drain { packet, payload in
            if self.recordings[packet.recording] == nil { self.takeOrders() }
            let moment = Int64(clamping: packet.received.nanoseconds / 1000) + offset
            self.performNotes(on: packet.recording, until: moment)
            // One that failed: the workers have not heard of it yet.
            guard let recording = self.recordings[packet.recording] else { return }
            let octets = recording.octets
            do throws(RecordingFailure) {
                try recording.add(packet, payload, unixMicroseconds: moment)
                self.totals.packets += 1
                self.totals.octets += UInt64(max(0, recording.octets - octets))
            } catch {
                self.fail(packet.recording, recording.start.call, error)
            }
        }
    }

    /// Writes what happened before a packet came, so that it names the right packet as the next one.
    private func performNotes(on id: RecordingID, until moment: Int64) {
        while let index = self.waitingOrders.firstIndex(where: { $0.isNote(on: id, until: moment) }) {
            self.perform(self.waitingOrders.remove(at: index))
        }
    }

    private func perform(_ order: RecordingOrder) {
        switch order {
        case .begin(let id, let start): self.begin(id, start)
        case .describe(let id, let description):
            self.attempt(id) { recording throws(RecordingFailure) in try recording.describe(description) }
        case .pause(let id, let isBeginning, let moment):
            let line = RecordingMetadata.pause(
                isBeginning: isBeginning, at: RecordingTime(unixMicroseconds: moment),
                unixMicroseconds: moment)
            self.attempt(id) { recording throws(RecordingFailure) in try recording.note(line) }
        case .finish(let id, let end): self.finish(id, end)
        }
    }

    private func begin(_ id: RecordingID, _ start: RecordingStart) {
        do throws(RecordingFailure) {
            let recording = try OpenRecording(start, files: self.files)
            self.recordings[id] = recording
            self.totals.started += 1
            self.log(start.call).notice("recording to \(recording.path)")
            self.mail.tell(.began(id, path: recording.path))
        } catch {
            self.fail(id, start.call, error)
        }
    }

    private func finish(_ id: RecordingID, _ end: RecordingEnd) {
        guard let recording = self.recordings[id] else { return }
        let call = recording.start.call
        do throws(RecordingFailure) {
            if end.discards {
                try recording.discard()
                self.totals.discarded += 1
                self.log(call).notice("recording discarded: \(recording.path)")
            } else {
                try recording.finish(end, at: self.clock.now.unixMicroseconds)
                self.totals.finished += 1
                self.log(call).notice(
                    "recording finished: \(recording.packets) packets, \(recording.octets) octets in \(recording.path)"
                )
            }
            self.recordings[id] = nil
        } catch {
            self.fail(id, call, error)
        }
    }

    private func flushIfDue() {
        let now = self.clock.now.monotonic
        guard now.nanoseconds(since: self.lastFlush) >= Self.flushNanoseconds else { return }
        self.lastFlush = now
        for id in Array(self.recordings.keys) {
            self.attempt(id) { recording throws(RecordingFailure) in try recording.flush() }
        }
    }

    private func attempt(_ id: RecordingID, _ body: (OpenRecording) throws(RecordingFailure) -> Void) {
        guard let recording = self.recordings[id] else { return }
        do throws(RecordingFailure) {
            try body(recording)
        } catch {
            self.fail(id, recording.start.call, error)
        }
    }

    /// Ends a recording with what is on the disk already; the call is not affected.
    private func fail(_ id: RecordingID, _ call: String, _ failure: RecordingFailure) {
        self.totals.failed += 1
        if let recording = self.recordings.removeValue(forKey: id) {
            // As far as it goes: what just failed most likely fails again.
            try? recording.note(RecordingMetadata.remark("The recording ended early: \(failure)"))
            try? recording.finish(RecordingEnd(), at: self.clock.now.unixMicroseconds)
        }
        self.mail.tell(.failed(id))
        guard case .write(let repeats) = self.limiter.admit("failure", at: self.clock.now.monotonic) else {
            return
        }
        let suffix = RepeatedMessageLimiter<String>.suffix(repeats: repeats)
        self.log(call).error("the recording ends, the call goes on: \(failure)\(suffix)")
    }

    private func log(_ call: String) -> Logger {
        var logger = self.logger
        logger[metadataKey: "call"] = "\(call)"
        return logger
    }
}
