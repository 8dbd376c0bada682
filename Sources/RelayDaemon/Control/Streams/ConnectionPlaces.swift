import Logging
import NIOConcurrencyHelpers
import NIOCore
import WireFormat

/// How many clients are connected, of those that may be.
final class ConnectionPlaces: Sendable {
    private let limit: Int
    private let taken = NIOLockedValueBox(0)
    private let limiter = NIOLockedValueBox(RepeatedMessageLimiter<String>())

    init(limit: Int) {
        self.limit = limit
    }

    /// True if there was one left.
    func take() -> Bool {
        self.taken.withLockedValue { taken in
            guard taken < self.limit else { return false }
            taken += 1
            return true
        }
    }

    /// Writes why a client was closed, a limited number of times a minute for each reason.
    func report(_ peer: String, _ reason: String, logger: Logger) {
        let now = MonotonicTime(nanoseconds: NIODeadline.now().uptimeNanoseconds)
        let verdict = self.limiter.withLockedValue { $0.admit(reason, at: now) }
        guard case .write(let repeats) = verdict else { return }
        logger.notice(
            "closed the control connection of \(peer): \(reason)\(RepeatedMessageLimiter<String>.suffix(repeats: repeats))"
        )
    }

    func giveBack() { self.taken.withLockedValue { $0 -= 1 } }
}
