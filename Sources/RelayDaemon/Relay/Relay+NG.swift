import CallControl
import ControlProtocols
import Logging
import NIOCore
import RelayPlanning
import WireFormat

/// Answers the NG protocol.
///
/// A request is worked on to its end before the next one is looked at, but for the statistics in replies to `query`
/// and `delete`, for which the worker of the call is asked; a repeated request waits for the same reply.
extension Relay {
    typealias DatagramReply = ([UInt8]) -> Void

    /// Takes one datagram; so is the reply, which cannot be longer.
    func receive(datagram: [UInt8], from peer: String, reply: @escaping DatagramReply) {
        self.receive(request: datagram, from: peer, longestReply: NGMessage.maximumReplyOctets, reply: reply)
    }

    /// Takes one request with its cookie, by whatever way it came: all of them share the replies that are kept.
    ///
    /// - Parameter longestReply: octets that the way back can carry.
    func receive(
        request: [UInt8], from peer: String, longestReply: Int = .max, reply: @escaping DatagramReply
    ) {
        let message: NGMessage
        do {
            message = try NGMessage(datagram: request)
        } catch {
            self.requests.malformed += 1
            self.logLimited(
                "no cookie", "a control message without a reply from \(peer): \(error.text)")
            return
        }
        let now = self.clock.now
        self.collectClosedPorts()
        self.lastRequester &+= 1
        let requester = self.lastRequester
        switch self.cookies.begin(message.cookie, from: requester, at: now.monotonic) {
        case .replay(let bytes):
            self.requests.repeated += 1
            reply(Self.fit(bytes, within: longestReply, for: message))
        case .wait:
            self.requests.repeated += 1
            self.waiting[requester] = { reply(Self.fit($0, within: longestReply, for: message)) }
        case .drop:
            self.logLimited(
                "busy", "a control message from \(peer) was dropped: too many are being worked on")
        case .perform:
            self.holdWorkers()
            self.perform(message, from: peer, at: now) { answer in
                let bytes = self.reply(answer, to: message, from: peer, within: longestReply)
                reply(bytes)
                let waiters = self.cookies.finish(message.cookie, with: bytes, at: self.clock.now.monotonic)
                for waiter in waiters { self.waiting.removeValue(forKey: waiter)?(bytes) }
            }
        }
    }

    /// A reply that no datagram can hold would never arrive: it goes without what makes it long.
    private func reply(
        _ answer: NGReply, to message: NGMessage, from peer: String, within longest: Int
    ) -> [UInt8] {
        let bytes = answer.datagram(cookie: message.cookie, encoding: message.encoding)
        guard bytes.count > longest else { return bytes }
        self.logLimited(
            "long reply",
            "a reply to \(peer) of \(bytes.count) octets does not fit a datagram and goes without its details"
        )
        return answer.shortened.datagram(cookie: message.cookie, encoding: message.encoding)
    }

    /// A reply that was kept for a way without limits and is asked for again by one that has them.
    private static func fit(_ bytes: [UInt8], within longest: Int, for message: NGMessage) -> [UInt8] {
        guard bytes.count > longest else { return bytes }
        return NGReply.error(NGReason.replyTooLong)
            .datagram(cookie: message.cookie, encoding: message.encoding)
    }

    /// Performs a request; repeats have been recognised before.
    func perform(
        _ message: NGMessage, from peer: String, at now: SignallingTime, answer: @escaping (NGReply) -> Void
    ) {
        let request: NGRequest
        do {
            request = try NGRequest(message, templates: self.templates)
        } catch {
            self.requests.errors += 1
            self.requests.note(refusalOf: peer)
            self.logLimited(
                "refused: \(error.reason)", "a control message from \(peer) was refused: \(error.logText)")
            answer(.error(error))
            return
        }
        self.requests.byCommand[request.command.name, default: 0] += 1
        let answer = self.timing(request.command, from: peer, answer)
        let warnings = self.log(request.notices, of: request.command)
        switch request.command {
        case .ping:
            answer(.pong)
        case .list(let limit):
            answer(.ok(calls: self.calls.callIDs(limit: limit)))
        case .offer(let offer):
            answer(self.exchange(offer, isOffer: true, from: peer, at: now, warnings: warnings))
        case .answer(let offer):
            answer(self.exchange(offer, isOffer: false, from: peer, at: now, warnings: warnings))
        case .query(let selector):
            self.query(selector, answer: answer)
        case .delete(let request):
            self.delete(request, at: now, answer: answer)
        case .statistics:
            self.answerStatistics(answer)
        case .startRecording(let request):
            answer(self.startRecording(request, at: now).adding(warnings: warnings))
        case .pauseRecording(let request):
            answer(self.pauseRecording(request, at: now).adding(warnings: warnings))
        case .stopRecording(let request):
            answer(self.stopRecording(request, at: now).adding(warnings: warnings))
        case .block(let request):
            answer(self.block(request, at: now).adding(warnings: warnings))
        case .publish(let request):
            answer(self.publish(request, from: peer, at: now).adding(warnings: warnings))
        case .subscribeRequest(let request):
            answer(self.subscribe(request, from: peer, at: now).adding(warnings: warnings))
        case .subscribeAnswer(let request):
            answer(self.subscribeAnswer(request, from: peer, at: now).adding(warnings: warnings))
        case .unsubscribe(let selection):
            answer(self.unsubscribe(selection, at: now).adding(warnings: warnings))
        case .connect(let request):
            answer(self.connect(request, from: peer, at: now).adding(warnings: warnings))
        case .cli(let line):
            self.answerCLI(line, answer)
        }
    }

    // MARK: - Offer and answer

    private func exchange(
        _ message: OfferAnswer, isOffer: Bool, from peer: String, at now: SignallingTime, warnings: [String]
    ) -> NGReply {
        let id = self.calls.primaryID(of: message.selector.callID)
        let logger = self.logger(for: id, isDebugged: message.options.debug).of(.control)
        let name = isOffer ? "offer" : "answer"
        logger.info("\(name) from \(peer)", metadata: message.selector.metadata)
        logger.debug("\(name) in:\n\(String(decoding: message.sdp, as: UTF8.self))")
        // Streams in the kernel are heard of by their counters only.
        _ = self.liveCounters(of: self.calls.ports(of: id))
        let isSilent = { (port: RelayPortID) in self.hasFallenSilent(port, at: now.monotonic) }
        let outcome: ExchangeOutcome
        do {
            outcome =
                isOffer
                ? try self.calls.offer(message, at: now, ports: self.ports, hasFallenSilent: isSilent)
                : try self.calls.answer(message, at: now, ports: self.ports, hasFallenSilent: isSilent)
        } catch {
            return self.refuse(name, error, message: message)
        }
        // An SDP of our own that came back makes no call.
        if self.calls.contains(id) { self.controllers[id] = peer }
        self.perform(outcome.actions, of: id)
        for warning in outcome.warnings {
            self.logLimited("\(name) not obeyed", call: id, "\(name): \(warning)")
        }
        logger.debug("\(name) out:\n\(String(decoding: outcome.sdp, as: UTF8.self))")
        let notRecorded = self.record(
            message.options, ofTag: message.selector.fromTag, in: id, as: name, sdp: outcome.sdp, at: now)
        let reply = self.namingRecording(of: id, in: .ok(sdp: outcome.sdp))
        let spoken = warnings + outcome.warnings + notRecorded
        return spoken.isEmpty ? reply : reply.warning(spoken.joined(separator: "; "))
    }

    /// True if media arrived on a port once, but not for longer than talk spurts pause.
    private func hasFallenSilent(_ port: RelayPortID, at now: MonotonicTime) -> Bool {
        self.lastPacket(on: port).map { now.seconds(since: $0) >= Self.silenceSeconds } ?? false
    }

    private static var silenceSeconds: Double { 5 }

    private func refuse(_ name: String, _ error: CallError, message: OfferAnswer) -> NGReply {
        self.requests.errors += 1
        self.logLimited(
            "\(name): \(error.reason)", call: message.selector.callID,
            "\(name) refused: \(error.reason) (\(error.detail))")
        if error.isLoadLimit {
            return .loadLimit(error.reason, isSupported: message.options.supportsLoadLimit)
        }
        return .error(error.reason)
    }

    // MARK: - Query and delete

    private func query(_ selector: CallSelector, answer: @escaping (NGReply) -> Void) {
        guard let report = self.calls.report(of: selector.callID) else {
            self.requests.errors += 1
            answer(.error(NGReason.unknownCall))
            return
        }
        let named = report.narrowed(toTag: selector.toTag, fromTag: selector.fromTag)
        self.statistics(of: named) { answer(.ok(statistics: $0)) }
    }

    private func delete(_ request: DeleteRequest, at now: SignallingTime, answer: @escaping (NGReply) -> Void)
    {
        let id = request.selector.callID
        guard self.calls.finds(request), let report = self.calls.report(of: id) else {
            self.logger(for: id).of(.control).info(
                "delete found nothing", metadata: request.selector.metadata)
            answer(request.isFatal ? .error(NGReason.nothingToDelete) : .ok.warning(NGReason.nothingToDelete))
            return
        }
        if request.omitsStatistics {
            answer(.ok)
        } else {
            // Asked for before the ports close: the worker answers in the order of the commands.
            self.statistics(of: report) { answer(.ok(statistics: $0)) }
        }
        self.logger(for: id).of(.control).info("delete", metadata: request.selector.metadata)
        switch self.calls.delete(request, at: now) {
        case .notFound, .scheduled: break
        case .partyRemoved(let actions): self.perform(actions)
        case .ended(let ended): self.finish(ended)
        }
    }

    // MARK: - Logs

    /// Says what of a request is not obeyed; returns the words for the reply's `warning`.
    private func log(_ notices: [NGNotice], of command: NGCommand) -> [String] {
        guard !notices.isEmpty else { return [] }
        for notice in notices {
            switch notice {
            case .unknown(let name):
                self.logLimited(
                    "unknown", as: .info, call: command.callID,
                    "\(command.name): \"\(name)\" is unknown and ignored")
            case .unsupported(let name, let consequence):
                self.logLimited(
                    "\(command.name): \(consequence)", call: command.callID,
                    "\(command.name): \"\(name)\" is not supported: \(consequence)")
            }
        }
        return notices.compactMap(\.warning)
    }
}

extension CallSelector {
    /// The tags for a log line.
    var metadata: Logger.Metadata {
        var metadata: Logger.Metadata = [:]
        if let fromTag = self.fromTag { metadata["from-tag"] = "\(fromTag)" }
        if let toTag = self.toTag { metadata["to-tag"] = "\(toTag)" }
        if let viaBranch = self.viaBranch { metadata["via-branch"] = "\(viaBranch)" }
        return metadata
    }
}
