extension SessionDescription {
    /// Tells whether the description says enough to relay: at least one `m=`, and for each with a port a `c=` of its own or
    /// of the session (RFC 8866, section 5.7).
    /// - Throws: an ``SDPError`` that is marked incomplete and names the first `m=` line without a connection.
    public func checkCompleteness() throws(SDPError) {
        guard !self.media.isEmpty else {
            throw SDPError(line: 0, reason: "there is no m= line", isIncomplete: true)
        }
        guard self.connection == nil else { return }
        // Lines as they are counted in the usual order: v, o, s and what precedes the first m=.
        var line = 4 + self.otherLines.count + self.attributes.count
        for section in self.media {
            guard section.port == 0 || !section.connections.isEmpty else {
                throw SDPError(
                    line: line, reason: "m=\(section.kind) has no c= line and neither has the session",
                    isIncomplete: true)
            }
            line += 1 + section.connections.count + section.otherLines.count + section.attributes.count
        }
    }
}
