/// Texts of commands that choose parties of a call: block, publish, subscribe, connect; rtpengine's to the letter.
extension NGReason {
    /// Commands other than offer and answer for a call that does not exist.
    public static let noCall = "Unknown call-ID"
    /// `to-call-id` names no call.
    public static let noCallToConnect = "Unknown to-tag call-ID"
    /// `label` or `from-label` names no party.
    public static let noLabel = "No monologue matching the given label"
    /// `address` is of no party.
    public static let noAddress = "Failed to match address to any tag"
    /// `from-tag` names no party.
    public static let noFromTagParty = "From-tag given, but no such tag exists"
    /// The same in `unsubscribe`.
    public static let noSourceToUnsubscribe = "From-tag not found"
    /// `to-tag` names no party.
    public static let noToTagParty = "To-tag not found"
    /// Nothing of what was chosen has media.
    public static let noMedia = "No medias found (no monologues matched)"
    /// `to-tag` of a flow names no party.
    public static let noFlowByTag = "Media flow not found (to-tag not found)"
    /// `to-label` of a flow names no party.
    public static let noFlowByLabel = "Media flow not found (to-label not found)"
    /// Nothing flows between the two parties.
    public static let noFlow = "Media flow not found (to-tag not subscribed)"
    /// The party has no flows of the wanted kind.
    public static let noFlowOfKind = "No eligible media subscriptions found"
    /// A subscriber cannot be made of what was asked for.
    public static let failedSubscription = "Failed to request subscription"
    /// The answer does not fit the offer.
    public static let failedSubscriptionAnswer = "Failed to process subscription answer"
    /// Two calls with a party of the same tag.
    public static let failedMerge = "Failed to merge two calls into one (tag collision)"
}
