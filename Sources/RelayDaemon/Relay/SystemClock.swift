import CLinux
import CallControl
import Glibc
import WireFormat

/// The host's clocks.
struct SystemClock: Sendable {
    /// Both clocks, read together.
    var now: SignallingTime {
        var wall = timespec()
        clock_gettime(CLOCK_REALTIME, &wall)
        return SignallingTime(
            monotonic: MonotonicTime(nanoseconds: crosspoint_monotonic_nanoseconds()),
            unixMicroseconds: Int64(wall.tv_sec) * 1_000_000 + Int64(wall.tv_nsec) / 1000)
    }
}

extension SignallingTime {
    /// What the wall clock read at a moment of the monotonic clock.
    func unixSeconds(of moment: MonotonicTime) -> Int64 {
        let ago =
            self.monotonic >= moment
            ? -Int64(clamping: self.monotonic.nanoseconds(since: moment) / 1000)
            : Int64(clamping: moment.nanoseconds(since: self.monotonic) / 1000)
        return (self.unixMicroseconds + ago) / 1_000_000
    }
}
