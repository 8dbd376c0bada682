extension NGReason {
    /// Recording, blocking and their like for a call that does not exist: rtpengine spells it in its own way there.
    public static let unknownCallID = "Unknown call-ID"
}
