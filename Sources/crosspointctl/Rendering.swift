import ControlVocabulary

/// The daemon's replies as text for people.
enum Rendering {
    /// One line a call.
    static func calls(_ calls: [CallSummary]) -> String {
        guard !calls.isEmpty else { return "no calls" }
        var table = TextTable([
            .init(title: "CALL-ID"), .init(title: "STATE"), .init(title: "AGE", isNumber: true),
            .init(title: "MEDIA", isNumber: true), .init(title: "PARTIES"),
        ])
        for call in calls {
            let parties = call.parties.map { party in
                let name = [party.label ?? party.tag, party.address].compactMap(\.self).joined(
                    separator: " at ")
                let blocked = (party.blocked ?? []).map { "\($0) blocked" }
                let remarks = [party.role].compactMap(\.self) + blocked
                return remarks.isEmpty ? name : "\(name) (\(remarks.joined(separator: ", ")))"
            }
            table.add([
                call.callID, call.state, self.duration(call.age), String(call.media),
                parties.joined(separator: ", "),
            ])
        }
        return table.text
    }

    /// One line a flow.
    static func flows(_ flows: [FlowSummary]) -> String {
        guard !flows.isEmpty else { return "no flows" }
        var table = TextTable([
            .init(title: "CALL-ID"), .init(title: "STREAM"), .init(title: "FROM"), .init(title: "LOCAL"),
            .init(title: "RELAY"), .init(title: "TO"), .init(title: "PATH"),
            .init(title: "PACKETS", isNumber: true), .init(title: "BYTES", isNumber: true),
            .init(title: "LOST", isNumber: true), .init(title: "JITTER", isNumber: true),
            .init(title: "AGE", isNumber: true), .init(title: "IDLE", isNumber: true),
            .init(title: "WHY NOT IN THE KERNEL"),
        ])
        for flow in flows {
            table.add([
                flow.callID, "\(flow.media) \(flow.kind) \(flow.component.rawValue)",
                flow.from.map { flow.fromIsSettled ? $0 : "\($0)?" } ?? "?", flow.local, flow.relay ?? "-",
                flow.to ?? "-", self.path(of: flow), String(flow.packets), String(flow.bytes),
                flow.lost.map { String($0) } ?? "-", flow.jitterMilliseconds.map(self.milliseconds) ?? "-",
                self.duration(flow.age), flow.idle.map(self.duration) ?? "-",
                flow.reasons.joined(separator: "; "),
            ])
        }
        return table.text
    }

    /// `kernel`, or `userspace (epoll)`.
    private static func path(of flow: FlowSummary) -> String {
        flow.engine.map { "\(flow.path.rawValue) (\($0))" } ?? flow.path.rawValue
    }

    /// One `key: value` a line.
    static func stats(_ stats: StatisticValue) -> String {
        stats.lines.map { "\(TextTable.visible($0.key)): \(TextTable.visible($0.value))" }.joined(
            separator: "\n")
    }

    /// `7s`, `2m05s`, `1h02m`, `3d04h`; what is no number of seconds is shown as `-`.
    static func duration(_ seconds: Double) -> String {
        guard seconds >= 0, seconds < 1e12 else { return "-" }
        let whole = Int(seconds)
        let twoDigits: (Int) -> String = { $0 < 10 ? "0\($0)" : String($0) }
        switch whole {
        case ..<60: return "\(whole)s"
        case ..<3600: return "\(whole / 60)m\(twoDigits(whole % 60))s"
        case ..<86400: return "\(whole / 3600)h\(twoDigits(whole / 60 % 60))m"
        default: return "\(whole / 86400)d\(twoDigits(whole / 3600 % 24))h"
        }
    }

    /// With one digit after the point.
    private static func milliseconds(_ value: Double) -> String {
        guard value.magnitude < 1e12 else { return "-" }
        let tenths = Int((value * 10).rounded())
        return "\(tenths / 10).\(abs(tenths % 10))ms"
    }
}
