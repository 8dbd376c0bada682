import CallControl
import CallRecording
import ControlProtocols
import Logging
import RelayPlanning
import UserspaceForwarding

/// Recording of calls, always of whole ones, as rtpengine does it with `recording-method=pcap` (ng.md 1.4).
///
/// The replies do not wait for a disk: they name where the files will be.
extension Relay {
    /// `start recording`: begins, or goes on after a pause.
    func startRecording(_ request: RecordingRequest, at now: SignallingTime) -> NGReply {
        self.recordingReply(to: request) { call in
            self.beginRecording(of: call, request.options, at: now)
        }
    }

    /// `pause recording`: `start recording` goes on in the same files.
    func pauseRecording(_ request: RecordingRequest, at now: SignallingTime) -> NGReply {
        self.recordingReply(to: request) { call in
            guard let active = self.recording.active[call], !active.isPaused else { return [] }
            self.note(request.options.metadata, of: call)
            self.setPaused(true, call, at: now)
            return []
        }
    }

    /// `stop recording`.
    func stopRecording(_ request: RecordingRequest, at now: SignallingTime) -> NGReply {
        self.recordingReply(to: request) { call in
            self.note(request.options.metadata, of: call)
            self.endRecording(of: call, discards: request.options.discards)
            return []
        }
    }

    /// The reply to a recording command: only a call that does not exist makes it an error, as in rtpengine.
    private func recordingReply(to request: RecordingRequest, _ body: (String) -> [String]) -> NGReply {
        let call = request.selector.callID
        guard self.calls.recordingFacts(of: call) != nil else {
            self.requests.errors += 1
            return .error(NGReason.unknownCallID)
        }
        let warnings = body(call)
        return warnings.isEmpty ? .ok : .ok.warning(warnings.joined(separator: "; "))
    }

    // MARK: In offers, answers and the like

    /// Does what an offer or answer says of recording, and adds the SDP that goes out to the metadata; returns what was
    /// not obeyed.
    func record(
        _ message: OfferAnswer, as mode: String, sdp: [UInt8], at now: SignallingTime
    ) -> [String] {
        let call = message.selector.callID
        let options = message.options
        var warnings: [String] = []
        self.note(options.metadata, of: call)
        if options.recording.discards {
            self.endRecording(of: call, discards: true)
        } else if options.recordsCall == true, self.recording.active[call]?.isPaused != true {
            var recording = options.recording
            recording.metadata = recording.metadata ?? options.metadata
            warnings = self.beginRecording(of: call, recording, at: now)
        } else if options.recordsCall == false {
            self.endRecording(of: call)
        }
        guard let active = self.recording.active[call] else { return warnings }
        let description = RecordingMetadata.Description(
            mode: mode, sdp: sdp, label: self.calls.label(ofTag: message.selector.fromTag, in: call),
            unixMicroseconds: now.unixMicroseconds)
        if self.recording.recorder?.post(.describe(active.id, description)) == false {
            self.logLimited(
                "recording lost", call: call,
                "the metadata of \(active.path) lacks an SDP: the disk does not keep up")
        }
        return warnings
    }

    /// A reply with the path of the call's capture, if it is recorded.
    func namingRecording(of call: String, in reply: NGReply) -> NGReply {
        guard let path = self.recording.active[call]?.path else { return reply }
        return reply.recordings([path])
    }

    // MARK: Beginning and ending

    private func beginRecording(
        of call: String, _ options: RecordingOptions, at now: SignallingTime
    ) -> [String] {
        guard let recorder = self.recording.recorder else {
            return [
                self.refuseRecording(of: call, "recording is off: start crosspointd with --recording-dir")
            ]
        }
        if let active = self.recording.active[call] {
            self.note(options.metadata, of: call)
            if active.isPaused { self.setPaused(false, call, at: now) }
            return []
        }
        guard self.recording.active.count < RecordingLimits.recordings,
            let facts = self.calls.recordingFacts(of: call)
        else {
            let limit = RecordingLimits.recordings
            return [self.refuseRecording(of: call, "\(limit) calls are being recorded, the most at a time")]
        }
        var wishes = RecordingWishes(
            callID: call, tag: RecordingName.tag(UInt64.random(in: .min ... .max)),
            time: RecordingTime(unixMicroseconds: now.unixMicroseconds))
        wishes.file = options.file
        wishes.directory = options.directory
        wishes.pattern = options.pattern
        wishes.label = facts.label ?? ""
        let root = recorder.configuration.directory
        let (place, complaints) = wishes.place(below: root)
        for complaint in complaints {
            self.logLimited("recording place", call: call, "recording: \(complaint)")
        }
        let id = self.recording.makeID()
        let start = RecordingStart(call: call, place: place, callCreated: facts.created.unixMicroseconds)
        // Before any worker hears of it: the writer must know the recording when its first packet comes.
        guard recorder.post(.begin(id, start)) else {
            return [self.refuseRecording(of: call, "the disk below \(root) does not keep up")]
        }
        self.recording.active[call] = RecordingDesk.Active(
            id: id, path: "\(root)/\(place.capturePath())", metadata: options.metadata ?? facts.metadata,
            lostBefore: self.packetsLost(on: self.calls.ports(of: call)))
        self.setRecording(id, of: call)
        return complaints
    }

    private func refuseRecording(of call: String, _ reason: String) -> String {
        self.logLimited("recording refused", call: call, "the call is not recorded: \(reason)")
        return "the call is not recorded: \(reason)"
    }

    private func setPaused(_ isPaused: Bool, _ call: String, at now: SignallingTime) {
        guard let active = self.recording.active[call] else { return }
        self.recording.active[call]?.isPaused = isPaused
        self.recording.recorder?.post(
            .pause(active.id, isBeginning: isPaused, unixMicroseconds: now.unixMicroseconds))
        self.logger(for: call).notice("recording \(isPaused ? "pauses" : "goes on")")
        self.setRecording(isPaused ? nil : active.id, of: call)
    }

    private func setRecording(_ id: RecordingID?, of call: String) {
        if let actions = self.calls.setRecording(id, of: call) { self.perform(actions, of: call) }
    }

    private func note(_ metadata: String?, of call: String) {
        if let metadata, !metadata.isEmpty { self.recording.active[call]?.metadata = metadata }
    }

    /// Ends the recording of a call that goes on.
    private func endRecording(of call: String, discards: Bool = false) {
        guard self.recording.active[call] != nil else { return }
        self.setRecording(nil, of: call)
        self.finishRecording(of: call, ports: self.calls.ports(of: call), RecordingEnd(discards: discards))
    }

    /// Ends the recording of a call that has ended, whose ports are being closed.
    func endRecording(with ended: EndedCall) {
        let ports = ended.actions.compactMap { action in
            if case .close(let port) = action { port } else { nil }
        }
        let end = RecordingEnd(terminated: self.clock.now.unixMicroseconds)
        self.finishRecording(of: ended.id, ports: ports, end)
    }

    /// Finishes the files once no worker has a packet left for them.
    private func finishRecording(of call: String, ports: [RelayPortID], _ end: RecordingEnd) {
        guard let recorder = self.recording.recorder,
            let active = self.recording.active.removeValue(forKey: call)
        else { return }
        var end = end
        end.metadata = active.metadata
        end.lostPackets = self.lost(of: active, on: ports)
        if end.lostPackets > active.reportedLost {
            self.reportLost(end.lostPackets - active.reportedLost, to: active.path, of: call)
        }
        let order = RecordingOrder.finish(active.id, end)
        Self.afterPendingCommands(of: self.userspace, from: 0) { recorder.post(order) }
    }

    /// Asks one worker after the other: a call that was joined with another one may have ports with several.
    private static func afterPendingCommands(
        of userspace: UserspaceForwarder, from worker: Int, completion: @escaping @Sendable () -> Void
    ) {
        guard worker < userspace.workerCount else { return completion() }
        userspace.afterPendingCommands(ofWorker: worker) {
            Self.afterPendingCommands(of: userspace, from: worker + 1, completion: completion)
        }
    }

    // MARK: News

    /// Takes the writer's news.
    func receive(_ news: RecordingNews) {
        switch news {
        case .began(let id, let path):
            if let call = self.recording.call(of: id) { self.recording.active[call]?.path = path }
        case .failed(let id):
            // The writer has said why; the call may go back into the kernel.
            guard let call = self.recording.call(of: id) else { return }
            self.recording.active[call] = nil
            self.setRecording(nil, of: call)
        }
    }

    /// Once a second: says which recordings lack packets because the disk is too slow.
    func watchRecordings() {
        for (call, active) in self.recording.active {
            let lost = self.lost(of: active, on: self.calls.ports(of: call))
            guard lost > active.reportedLost else { continue }
            self.reportLost(lost - active.reportedLost, to: active.path, of: call)
            self.recording.active[call]?.reportedLost = lost
        }
    }

    private func reportLost(_ packets: UInt64, to path: String, of call: String) {
        self.logLimited(
            "recording lost", call: call,
            "\(packets) packets are missing from \(path): the disk is too slow for what is recorded"
        )
    }

    private func lost(of active: RecordingDesk.Active, on ports: [RelayPortID]) -> UInt64 {
        let lost = self.packetsLost(on: ports)
        return lost > active.lostBefore ? lost - active.lostBefore : 0
    }

    private func packetsLost(on ports: [RelayPortID]) -> UInt64 {
        ports.reduce(0) { $0 &+ self.userspace.packetsLostToRecording(on: $1) }
    }
}
