import WireFormat

/// In which second each call is looked at next, so that a tick costs what is due and not what there is.
///
/// A call is due at one second only; what was noted for it before is recognised by that and passed over.
struct CheckSchedule: Sendable {
    /// Calls are looked at this often at least: timeouts may be changed while they live.
    static let longestInterval = Duration.seconds(60)

    private var idsBySecond: [UInt64: [String]] = [:]

    /// The first whole second that is not before a moment.
    static func second(notBefore moment: MonotonicTime) -> UInt64 {
        let (seconds, rest) = moment.nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        return rest == 0 ? seconds : seconds + 1
    }

    mutating func add(_ id: String, at second: UInt64) {
        self.idsBySecond[second, default: []].append(id)
    }

    /// Takes out what is due, the earliest first.
    mutating func takeDue(at now: MonotonicTime) -> [(second: UInt64, ids: [String])] {
        let current = now.nanoseconds / 1_000_000_000
        let seconds = self.idsBySecond.keys.filter { $0 <= current }.sorted()
        return seconds.map { ($0, self.idsBySecond.removeValue(forKey: $0) ?? []) }
    }
}

extension CallTable {
    /// Sees to it that a call is looked at when its next deadline comes.
    mutating func scheduleCheck(of id: String, at now: MonotonicTime) {
        guard let moment = self.calls[id]?.nextDeadline(at: now, settings: self.settings) else { return }
        self.scheduleCheck(of: id, notBefore: moment, at: now)
    }

    /// Sees to it that a call is looked at at `moment`, if it would be later.
    mutating func scheduleCheck(of id: String, notBefore moment: MonotonicTime, at now: MonotonicTime) {
        let moment = min(moment, now.advanced(by: CheckSchedule.longestInterval))
        let second = CheckSchedule.second(notBefore: moment)
        guard let planned = self.calls[id]?.nextCheck, second < planned else { return }
        self.calls[id]?.nextCheck = second
        self.checks.add(id, at: second)
    }
}

extension Call {
    /// The next moment at which the call, or a party of it, may have to go, as far as signalling alone says.
    func nextDeadline(at now: MonotonicTime, settings: RelaySettings) -> MonotonicTime {
        var patience =
            self.isAnswered
            ? min(settings.timeoutSeconds, settings.silentTimeoutSeconds) : settings.offerTimeoutSeconds
        if self.isAnswered, settings.oneWayTimeoutSeconds > 0 {
            patience = min(patience, settings.oneWayTimeoutSeconds)
        }
        var moments = [self.lastSignal.monotonic.advanced(by: .seconds(patience))]
        if settings.finalTimeoutSeconds > 0 {
            moments.append(self.created.monotonic.advanced(by: .seconds(settings.finalTimeoutSeconds)))
        }
        moments += [self.deletionDue].compactMap { $0 } + self.parties.compactMap(\.deletionDue)
        return moments.min() ?? now
    }
}
