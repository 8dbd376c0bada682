import WireFormat

extension NGRequestReader {
    /// The command with what was collected; the checks come in rtpengine's order.
    func command() throws(NGError) -> NGCommand {
        switch self.kind {
        case .ping: return .ping
        case .statistics: return .statistics
        case .offer: return .offer(try self.offerAnswer())
        case .answer: return .answer(try self.offerAnswer())
        case .query: return .query(try self.selector())
        case .list:
            guard self.listLimit >= 0 else { throw .negativeLimit }
            return .list(limit: Int(clamping: self.listLimit))
        case .delete:
            return .delete(
                DeleteRequest(
                    selector: try self.selector(), matchesToTag: self.extras.namesToTag,
                    delaySeconds: self.options.deleteDelaySeconds, isFatal: self.extras.isFatal,
                    omitsStatistics: self.extras.isFast))
        case .startRecording: return .startRecording(try self.recordingRequest())
        case .pauseRecording: return .pauseRecording(try self.recordingRequest())
        case .stopRecording:
            let request = try self.recordingRequest()
            return self.extras.pauses ? .pauseRecording(request) : .stopRecording(request)
        case .blockDTMF: return .block(try self.blockRequest(.dtmf, isBlocking: true))
        case .unblockDTMF: return .block(try self.blockRequest(.dtmf, isBlocking: false))
        case .blockMedia: return .block(try self.blockRequest(.media, isBlocking: true))
        case .unblockMedia: return .block(try self.blockRequest(.media, isBlocking: false))
        case .publish: return .publish(try self.publishRequest())
        case .subscribeRequest: return .subscribeRequest(try self.subscribeRequest())
        case .subscribeAnswer: return .subscribeAnswer(try self.subscribeAnswer())
        case .unsubscribe:
            let parties = try self.parties()
            guard parties.selector.toTag != nil else { throw .noToTag }
            return .unsubscribe(parties)
        case .connect: return .connect(try self.connectRequest())
        case .cli: return .cli(try self.line())
        }
    }

    private func offerAnswer() throws(NGError) -> OfferAnswer {
        guard !self.sdp.isEmpty else { throw .noSDP }
        guard Self.isPresent(self.callID) else { throw .noCallID }
        guard Self.isPresent(self.fromTag) else { throw .noFromTag }
        guard self.kind == .offer || Self.isPresent(self.toTag) else { throw .noToTag }
        return OfferAnswer(
            selector: try self.selector(), sdp: self.sdp, receivedFrom: self.receivedFrom,
            options: self.finalOptions(label: self.extras.setLabel ?? self.extras.label))
    }

    /// The options with what other commands have as well.
    private func finalOptions(label: String?) -> OfferAnswerOptions {
        var options = self.options
        options.label = label
        options.metadata = self.extras.metadata
        options.recording = self.recordingOptions()
        return options
    }

    private func recordingOptions() -> RecordingOptions {
        var options = self.extras.recording
        options.metadata = self.extras.metadata
        return options
    }

    private func recordingRequest() throws(NGError) -> RecordingRequest {
        RecordingRequest(selector: try self.selector(), options: self.recordingOptions())
    }

    private func blockRequest(
        _ kind: BlockRequest.Kind, isBlocking: Bool
    ) throws(NGError) -> BlockRequest {
        BlockRequest(
            parties: try self.parties(), kind: kind, isBlocking: isBlocking, newLabel: self.extras.setLabel)
    }

    private func publishRequest() throws(NGError) -> PublishRequest {
        guard !self.sdp.isEmpty else { throw .noSDP }
        return PublishRequest(
            callID: try Self.identifier(self.callID, key: "call-id"),
            fromTag: try Self.identifier(self.fromTag, key: "from-tag"), sdp: self.sdp,
            isBidirectional: self.extras.isBidirectional, receivedFrom: self.receivedFrom,
            options: self.finalOptions(label: self.extras.setLabel ?? self.extras.label))
    }

    private func subscribeRequest() throws(NGError) -> SubscribeRequest {
        var parties = try self.parties()
        // With flags in one string a controller adds the message's to-tag, which is nobody's wish.
        if self.extras.hasFlagString, !self.extras.namesToTag { parties.selector.toTag = nil }
        return SubscribeRequest(
            parties: parties, isSIPREC: self.extras.isSIPREC, isInactive: self.extras.isInactive,
            mirrorsRTCP: self.extras.mirrorsRTCP,
            // `label` names the party that is subscribed to.
            options: self.finalOptions(label: self.extras.setLabel ?? self.extras.toLabel))
    }

    private func subscribeAnswer() throws(NGError) -> OfferAnswer {
        guard Self.isPresent(self.callID) else { throw .noCallID }
        guard Self.isPresent(self.toTag) else { throw .noToTag }
        guard !self.sdp.isEmpty else { throw .noSDP }
        return OfferAnswer(
            selector: try self.selector(), sdp: self.sdp, receivedFrom: self.receivedFrom,
            options: self.finalOptions(label: self.extras.setLabel ?? self.extras.label))
    }

    private func connectRequest() throws(NGError) -> ConnectRequest {
        guard Self.isPresent(self.callID) else { throw .noCallID }
        guard Self.isPresent(self.fromTag) else { throw .noFromTag }
        guard Self.isPresent(self.toTag) else { throw .noToTag }
        return ConnectRequest(
            selector: try self.selector(),
            toCallID: try Self.identifier(self.extras.toCallID, key: "to-call-id"),
            isDirectional: self.extras.isDirectional)
    }

    private func line() throws(NGError) -> String {
        guard let line = self.commandLine?.text else { throw .noBody }
        guard line.utf8.count <= NGRequestLimits.cliOctets else { throw .invalidIdentifier(key: "body") }
        return line
    }

    // MARK: Calls and parties

    private func parties() throws(NGError) -> PartySelection {
        var parties = PartySelection(selector: try self.selector())
        parties.label = self.extras.label
        parties.toLabel = self.extras.toLabel
        parties.fromTags = self.extras.fromTags
        parties.everyone = self.extras.everyone
        parties.isDirectional = self.extras.isDirectional
        guard let text = self.extras.address?.text, !text.isEmpty else { return parties }
        parties.address = IPAddress(text)
        // Nobody looks at it where `all` or a label says who is meant.
        if parties.address == nil, parties.everyone != .all, parties.label == nil { throw .invalidAddress }
        return parties
    }

    private func selector() throws(NGError) -> CallSelector {
        guard let callID = try Self.identifier(self.callID, key: "call-id") else { throw .noCallID }
        return CallSelector(
            callID: callID, fromTag: try Self.identifier(self.fromTag, key: "from-tag"),
            toTag: try Self.identifier(self.toTag, key: "to-tag"),
            viaBranch: try Self.identifier(self.viaBranch, key: "via-branch"))
    }

    private static func isPresent(_ value: NGValue?) -> Bool {
        switch value {
        case .string(let octets): !octets.isEmpty
        case .integer: true
        case .list, .dictionary, nil: false
        }
    }

    /// The text of a call-id, tag or branch; nil if it is absent or empty, which is the same.
    private static func identifier(_ value: NGValue?, key: String) throws(NGError) -> String? {
        switch value {
        case .integer(let number): return String(number)
        case .list, .dictionary, nil: return nil
        case .string(let octets):
            guard !octets.isEmpty else { return nil }
            guard octets.count <= NGRequestLimits.identifierOctets,
                octets.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }), let text = value?.text
            else { throw .invalidIdentifier(key: key) }
            return text
        }
    }
}
