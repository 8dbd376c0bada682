extension NGReason {
    /// `block media` of a party whose media goes to nobody of the kind that `all` names.
    public static let noFlowOfKind = "No eligible media subscriptions found"
}
