/// Names and what they mean, found without regard to case and to whether blanks, hyphens or underscores join their words.
///
/// Every request looks up a few dozen names, most of them short: this hashes them in one pass and allocates nothing.
struct NGWordTable<Meaning: Sendable>: Sendable {
    private struct Entry: Sendable {
        let name: [UInt8]
        let hash: UInt32
        let meaning: Meaning
    }

    private let entries: [Entry]
    /// Positions in `entries` plus one by hash; zero is free. At most half full.
    private let slots: [UInt16]

    /// A table of names as ``NGVocabulary/fold(_:)`` gives them; of equal ones the first counts.
    init(_ words: [(name: String, meaning: Meaning)]) {
        self.entries = words.map { word in
            Entry(name: Array(word.name.utf8), hash: Self.hash(word.name.utf8.span), meaning: word.meaning)
        }
        var size = 16
        while size < words.count * 2 { size *= 2 }
        var slots = [UInt16](repeating: 0, count: size)
        for (index, entry) in self.entries.enumerated() {
            var slot = Int(entry.hash) & (size - 1)
            while slots[slot] != 0 { slot = (slot + 1) & (size - 1) }
            slots[slot] = UInt16(truncatingIfNeeded: index + 1)
        }
        self.slots = slots
    }

    /// What a name means, whatever its spelling; nil if it is not in the table.
    subscript(name: String) -> Meaning? { self.meaning(of: name.utf8.span) }

    /// What the name of these octets means, whatever its spelling; nil if it is not in the table.
    func meaning(of name: Span<UInt8>) -> Meaning? {
        let hash = Self.hash(name)
        var slot = Int(hash) & (self.slots.count - 1)
        while self.slots[slot] != 0 {
            let index = Int(self.slots[slot]) - 1
            if self.entries[index].hash == hash, Self.areEqual(self.entries[index].name, name) {
                return self.entries[index].meaning
            }
            slot = (slot + 1) & (self.slots.count - 1)
        }
        return nil
    }

    private static func areEqual(_ folded: [UInt8], _ name: Span<UInt8>) -> Bool {
        guard folded.count == name.count else { return false }
        for index in folded.indices where folded[index] != NGVocabulary.fold(name[index]) { return false }
        return true
    }

    /// FNV-1a; the names are ours, so that nobody can choose colliding ones.
    private static func hash(_ name: Span<UInt8>) -> UInt32 {
        var hash: UInt32 = 2_166_136_261
        for index in name.indices { hash = (hash ^ UInt32(NGVocabulary.fold(name[index]))) &* 16_777_619 }
        return hash
    }
}
