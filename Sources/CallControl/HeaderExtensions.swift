import ControlProtocols
import SDPGrammar

extension HeaderExtensionOptions {
    /// Takes RTP header extensions out of an SDP (ng.md 2.1, `extmap`; RFC 8285, section 5: `a=extmap:ID[/DIRECTION] URI …`).
    func apply(to session: inout SessionDescription) {
        guard self.stripsAll || !self.strip.isEmpty else { return }
        session.attributes.removeAll { self.strips($0) }
        for index in session.media.indices { session.media[index].attributes.removeAll { self.strips($0) } }
    }

    private func strips(_ attribute: Attribute) -> Bool {
        if attribute.isNamed("extmap-allow-mixed") { return self.stripsAll }
        guard attribute.isNamed("extmap") else { return false }
        if self.stripsAll { return true }
        let words = attribute.value?.split(whereSeparator: { $0 == " " || $0 == "\t" }) ?? []
        return words.count > 1 && self.strip.contains(String(words[1]))
    }
}
