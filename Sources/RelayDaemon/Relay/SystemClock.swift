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
