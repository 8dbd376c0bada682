extension NGReply {
    /// The same reply with further warnings before the one it has.
    public func adding(warnings: [String]) -> NGReply {
        let texts = warnings + [self.dictionary["warning"]?.text].compactMap { $0 }
        return texts.isEmpty ? self : self.warning(texts.joined(separator: "; "))
    }
}
