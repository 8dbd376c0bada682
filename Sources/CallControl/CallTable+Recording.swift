public import RelayPlanning

/// Which calls are recorded. All ports of such a call say so in their plans, those opened later too, and stay in
/// userspace while it lasts.
extension CallTable {
    /// The recording that gets the packets of a call; nil if there is none, or it pauses.
    public func recording(of id: String) -> RecordingID? {
        self.calls[self.primaryID(of: id)]?.recording
    }

    /// Begins, changes or ends the recording of a call; nil if there is no such call.
    public mutating func setRecording(_ recording: RecordingID?, of id: String) -> [RelayAction]? {
        let id = self.primaryID(of: id)
        guard var call = self.calls[id] else { return nil }
        call.recording = recording
        let actions = call.takePlanChanges()
        self.calls[id] = call
        return actions
    }

    /// What a metadata file says of a call.
    public struct RecordingFacts: Sendable, Hashable {
        /// When the call began.
        public var created: SignallingTime
        /// The last `metadata` of a party.
        public var metadata: String?
        /// The first label of a party.
        public var label: String?
    }

    /// What a metadata file says of a call; nil if there is no such call.
    public func recordingFacts(of id: String) -> RecordingFacts? {
        self.calls[self.primaryID(of: id)].map { call in
            RecordingFacts(
                created: call.created, metadata: call.parties.last { $0.metadata != nil }?.metadata,
                label: call.parties.first { $0.label != nil }?.label)
        }
    }

    /// The label of the party that sent a command.
    public func label(ofTag tag: String?, in id: String) -> String? {
        tag.flatMap { self.calls[self.primaryID(of: id)]?.party(tag: $0)?.label }
    }
}
