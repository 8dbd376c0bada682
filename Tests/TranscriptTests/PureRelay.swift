import CallControl
import ControlProtocols
import Testing
import WireFormat

/// The protocol, the calls and the SDPs without sockets: a request goes in, a reply comes out.
final class PureRelay {
    private(set) var calls: CallTable
    let ports = CountedPorts()
    private var seconds = 1.0

    init(interfaces: [LogicalInterface], configure: (inout RelaySettings) -> Void) {
        var settings = RelaySettings(interfaces: interfaces)
        settings.instanceID = "0123456789ab"
        configure(&settings)
        self.calls = CallTable(settings: settings)
    }

    /// An interface from texts such as `192.0.2.1` and `192.0.2.1!203.0.113.1`.
    static func interface(_ name: String, _ addresses: String...) throws -> LogicalInterface {
        LogicalInterface(
            name: name,
            addresses: try addresses.map { text in
                let parts = try text.split(separator: "!").map { try #require(IPAddress(String($0))) }
                return InterfaceAddress(
                    local: parts[0], advertised: parts.count > 1 ? parts[1] : nil)
            })
    }

    private var now: SignallingTime {
        SignallingTime(
            monotonic: MonotonicTime(seconds: self.seconds), unixMicroseconds: Int64(self.seconds * 1e6))
    }

    /// Lets time pass, without any media.
    func wait(seconds: Double) {
        self.seconds += seconds
        for outcome in self.calls.expire(at: self.now.monotonic, lastPacket: { _ in nil }) {
            self.apply(outcome)
        }
    }

    func answer(_ dictionary: NGDictionary) -> NGReply {
        self.seconds += 0.01
        let request: NGRequest
        do {
            request = try NGRequest(dictionary: dictionary)
        } catch {
            return .error(error)
        }
        let warnings = request.notices.compactMap(\.warning)
        switch request.command {
        case .ping: return .pong
        case .list(let limit): return .ok(calls: self.calls.callIDs(limit: limit).sorted())
        case .query(let selector):
            guard let report = self.calls.report(of: selector.callID) else {
                return .error(NGReason.unknownCall)
            }
            return .ok(statistics: CallStatisticsBuilder(report: report, now: self.now).build())
        case .delete(let request): return self.delete(request)
        case .offer(let message): return self.exchange(message, isOffer: true, warnings: warnings)
        case .answer(let message): return self.exchange(message, isOffer: false, warnings: warnings)
        case .block(let request):
            return self.outcome(of: request.parties.selector, unknown: NGReason.unknownCallID)
        case .startRecording(let request), .pauseRecording(let request), .stopRecording(let request):
            return self.outcome(of: request.selector, unknown: NGReason.unknownCall)
        // Commands that need more than calls are tested where they are performed.
        default: return .error("not performed here")
        }
    }

    /// Whether there is such a call; what is done to it is tested elsewhere.
    private func outcome(of selector: CallSelector, unknown reason: String) -> NGReply {
        self.calls.report(of: selector.callID) == nil ? .error(reason) : .ok
    }

    private func exchange(_ message: OfferAnswer, isOffer: Bool, warnings: [String]) -> NGReply {
        do {
            let outcome =
                isOffer
                ? try self.calls.offer(message, at: self.now, ports: self.ports)
                : try self.calls.answer(message, at: self.now, ports: self.ports)
            self.apply(outcome.actions)
            let reply = NGReply.ok(sdp: outcome.sdp)
            let spoken = warnings + outcome.warnings
            return spoken.isEmpty ? reply : reply.warning(spoken.joined(separator: "; "))
        } catch {
            return .error(error.reason)
        }
    }

    private func delete(_ request: DeleteRequest) -> NGReply {
        guard self.calls.finds(request), let report = self.calls.report(of: request.selector.callID) else {
            return request.isFatal ? .error(NGReason.nothingToDelete) : .ok.warning(NGReason.nothingToDelete)
        }
        let statistics = CallStatisticsBuilder(report: report, now: self.now).build()
        self.apply(self.calls.delete(request, at: self.now))
        return .ok(statistics: statistics)
    }

    private func apply(_ outcome: DeleteOutcome) {
        switch outcome {
        case .notFound, .scheduled: break
        case .partyRemoved(let actions): self.apply(actions)
        case .ended(let call): self.apply(call.actions)
        }
    }

    private func apply(_ actions: [RelayAction]) {
        for case .close(let id) in actions { self.ports.close(id) }
    }
}
