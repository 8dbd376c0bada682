extension SessionDescription {
    /// The description as the relay sends it on: its own addresses and ports, everything else as the party wrote it.
    ///
    /// The layout is that of rtpengine: `v= o= s=`, `i= u= e= p=`, `b=`, `t=`, session attributes; a section has `m=`, `i=`,
    /// `c=`, `b=`, `a=mid`, `a=label`, the codecs in the order of `m=`, header extensions, unknown attributes, direction,
    /// `a=rtcp` and `a=rtcp-mux`, `a=crypto`, `a=setup`, `a=fingerprint`, `a=tls-id`, `a=ptime`, `a=maxptime`. There is no
    /// session-level `c=`. Session-level direction and DTLS attributes move into the sections they hold for. ICE attributes
    /// and BUNDLE groups are left out: the relay has no ICE agent and gives each section ports of its own.
    ///
    /// Sections beyond the end of `rewrite.media` are written as rejected. A codec taken out of `formats` before loses its
    /// `rtpmap`, `fmtp` and `rtcp-fb` lines too.
    public func rewritten(as rewrite: SessionRewrite) -> [UInt8] {
        var writer = SDPWriter(lineEnd: self.lineEnd, capacity: self.estimatedOctets + 256)
        SessionRewriter(session: self, rewrite: rewrite).write(to: &writer)
        return writer.finish()
    }
}
