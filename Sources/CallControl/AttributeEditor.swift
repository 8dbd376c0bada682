import ControlProtocols
import SDPGrammar

/// Edits the attribute lines of a finished SDP (ng.md 2.1, `sdp-attr`): the last thing that is done to it.
///
/// A pattern matches a line `a=NAME:VALUE` by its name, by its name and the first word of the value, or in whole.
/// Sections with port 0 are left alone.
struct AttributeEditor {
    private let edits: [SDPAttributeEdit]
    /// What is not obeyed.
    private(set) var warnings: [String] = []

    /// Takes edits that are within the limits and whose texts are one line.
    init(_ edits: [SDPAttributeEdit]) {
        self.edits = edits.prefix(CallLimits.attributeEdits).filter { edit in
            edit.texts.allSatisfy(Self.isOneLine)
        }
        if self.edits.count < edits.count {
            self.warnings.append(
                "sdp-attr: \(edits.count - self.edits.count) of \(edits.count) edits are left out; at most "
                    + "\(CallLimits.attributeEdits) are done, of lines with 1 to \(CallLimits.attributeOctets) octets and "
                    + "no control characters")
        }
    }

    private static func isOneLine(_ text: String) -> Bool {
        let octets = text.utf8
        // 0x09 is the tab; Unicode has line ends of its own, which no parser of SDP knows.
        return !octets.isEmpty && octets.count <= CallLimits.attributeOctets
            && octets.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }
    }

    /// The edited SDP; as it was, with a warning, if it would exceed what a session description may be.
    mutating func edited(_ sdp: [UInt8]) -> [UInt8] {
        guard !self.edits.isEmpty else { return sdp }
        let parts = Self.sections(of: sdp)
        let lineEnd = parts.lineEnd
        var edited: [UInt8] = []
        edited.reserveCapacity(sdp.count + 256)
        for section in parts.sections {
            var lines = section.lines
            if !section.isRefused { self.edit(&lines, of: section.kind) }
            guard lines.lazy.filter(\.isAttribute).count <= SDPLimits.attributesPerSection else {
                return self.refusing("a section would get too many attributes", sdp)
            }
            for line in lines { edited += line + lineEnd }
        }
        guard edited.count <= SDPLimits.octets else {
            return self.refusing("the SDP would get too long", sdp)
        }
        return edited
    }

    private mutating func refusing(_ reason: String, _ sdp: [UInt8]) -> [UInt8] {
        let warning = "sdp-attr: \(reason): nothing is edited"
        if self.warnings.last != warning { self.warnings.append(warning) }
        return sdp
    }

    private func edit(_ lines: inout [[UInt8]], of kind: String?) {
        for edit in self.edits where edit.scope.holds(for: kind) {
            switch edit.operation {
            case .add(let text):
                let line = Array("a=\(text)".utf8)
                if !lines.contains(line) { lines.append(line) }
            case .remove(let text):
                let pattern = Array("a=\(text)".utf8)
                lines.removeAll { $0.isMatched(by: pattern) }
            case .substitute(let from, let to):
                let pattern = Array("a=\(from)".utf8)
                let line = Array("a=\(to)".utf8)
                for index in lines.indices where lines[index].isMatched(by: pattern) { lines[index] = line }
            }
        }
    }

    /// The lines of the session and of each media section.
    private struct Section {
        /// Nil for the session.
        var kind: String?
        var isRefused = false
        var lines: [[UInt8]] = []
    }

    private static func sections(of sdp: [UInt8]) -> (sections: [Section], lineEnd: [UInt8]) {
        var sections = [Section()]
        var lineEnd: [UInt8] = [0x0A]
        for part in sdp.split(separator: 0x0A) {
            var line = Array(part)
            if line.last == 0x0D {
                lineEnd = [0x0D, 0x0A]
                line.removeLast()
            }
            if line.starts(with: "m=".utf8) {
                let words = line.dropFirst(2).split(separator: 0x20)
                sections.append(
                    Section(
                        kind: words.first.map { String(decoding: $0, as: UTF8.self) },
                        isRefused: words.count > 1 && words[1].elementsEqual("0".utf8)))
            }
            sections[sections.count - 1].lines.append(line)
        }
        return (sections, lineEnd)
    }
}

extension SDPAttributeEdit {
    fileprivate var texts: [String] {
        switch self.operation {
        case .add(let text), .remove(let text): [text]
        case .substitute(let from, let to): [from, to]
        }
    }
}

extension SDPAttributeEdit.Scope {
    fileprivate func holds(for kind: String?) -> Bool {
        switch self {
        case .everywhere: true
        case .session: kind == nil
        case .media(let name): kind == name
        }
    }
}

extension [UInt8] {
    fileprivate var isAttribute: Bool { self.starts(with: "a=".utf8) }

    /// True if the line is `pattern`, or goes on with a value where the pattern is a name, or with a blank where it is a name
    /// and a word.
    fileprivate func isMatched(by pattern: [UInt8]) -> Bool {
        guard self.starts(with: pattern) else { return false }
        guard self.count > pattern.count else { return true }
        let next = self[pattern.count]
        return pattern.contains(0x3A) ? next == 0x20 : next == 0x3A
    }
}
