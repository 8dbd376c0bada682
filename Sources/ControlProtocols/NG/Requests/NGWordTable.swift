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
            Entry(name: Array(word.name.utf8), hash: Self.hash(word.name.utf8), meaning: word.meaning)
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
    subscript(name: some Collection<UInt8>) -> Meaning? {
        let hash = Self.hash(name)
        var slot = Int(hash) & (self.slots.count - 1)
        while self.slots[slot] != 0 {
            let entry = self.entries[Int(self.slots[slot]) - 1]
            if entry.hash == hash, Self.areEqual(entry.name, name) { return entry.meaning }
            slot = (slot + 1) & (self.slots.count - 1)
        }
        return nil
    }

    /// What a name means, whatever its spelling; nil if it is not in the table.
    subscript(name: String) -> Meaning? { self[name.utf8] }

    private static func areEqual(_ folded: [UInt8], _ name: some Collection<UInt8>) -> Bool {
        var position = 0
        for octet in name {
            guard position < folded.count, folded[position] == NGVocabulary.fold(octet) else { return false }
            position += 1
        }
        return position == folded.count
    }

    /// FNV-1a; the names are ours, so that nobody can choose colliding ones.
    private static func hash(_ name: some Collection<UInt8>) -> UInt32 {
        var hash: UInt32 = 2_166_136_261
        for octet in name { hash = (hash ^ UInt32(NGVocabulary.fold(octet))) &* 16_777_619 }
        return hash
    }
}
