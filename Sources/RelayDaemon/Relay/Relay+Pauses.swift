import CallControl
import Logging
import RelayPlanning
import WireFormat

/// What is done after a time in which nothing here ran: the process was stopped, or the host had no time for it.
///
/// Media went on meanwhile, in the kernel or into the sockets' buffers, and so did requests. What the clock alone says
/// would end calls that nobody fell silent in.
extension Relay {
    /// A tick that comes this late is taken for a pause.
    private static var pauseSeconds: Double { 3 }
    /// How long after a pause nothing is ended: requests that wait are worked off, and counters are read, before.
    private static var graceSeconds: Double { 3 }

    /// Notices a pause; called at every tick.
    func notePause(at now: MonotonicTime) {
        defer { self.lastTick = now }
        let pause = now.seconds(since: self.lastTick ?? self.started.monotonic)
        guard pause >= Self.pauseSeconds else { return }
        self.resumed = now
        self.kernel.readCountersSoon()
        self.logger.warning(
            "nothing ran for \(Int(pause.rounded())) s, the process was stopped or the host too busy: the time in which a party may be silent begins anew"
        )
    }

    /// Whether a pause has just ended.
    func isJustResumed(at now: MonotonicTime) -> Bool {
        self.resumed.map { now.seconds(since: $0) < Self.graceSeconds } ?? false
    }

    /// From when on a port counts as silent: its last packet, or the end of the last pause.
    func silentSince(_ port: RelayPortID) -> MonotonicTime? {
        guard let resumed = self.resumed else { return self.lastPacket(on: port) }
        return self.lastPacket(on: port).map { max($0, resumed) } ?? resumed
    }
}
