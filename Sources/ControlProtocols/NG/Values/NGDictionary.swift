/// A dictionary that remembers the order in which its keys were written.
///
/// Requests have a dozen keys, for which a search from the front is fastest; the statistics of a large call may have
/// hundreds, so an index is kept once there are more than ``linearSearchLimit``.
public struct NGDictionary: Sendable {
    /// One key and its value.
    public struct Entry: Sendable, Equatable {
        /// The key. Octets that are not UTF-8 have become U+FFFD.
        public let key: String
        /// The value.
        public fileprivate(set) var value: NGValue
    }

    static let linearSearchLimit = 16

    /// Keys and values in the order of their first appearance; every key once.
    public private(set) var entries: [Entry] = []
    private var positions: [String: Int] = [:]

    /// A dictionary without keys.
    public init() {}

    /// A dictionary without keys that has room for so many.
    init(room: Int) {
        self.entries.reserveCapacity(room)
    }

    /// Number of keys.
    public var count: Int { self.entries.count }

    /// True without any key.
    public var isEmpty: Bool { self.entries.isEmpty }

    /// The value of a key. Setting keeps the place of a known key and appends a new one; nil removes it.
    public subscript(key: String) -> NGValue? {
        get { self.position(of: key).map { self.entries[$0].value } }
        set {
            switch (self.position(of: key), newValue) {
            case (let position?, let value?): self.entries[position].value = value
            case (nil, let value?): self.append(Entry(key: key, value: value))
            case (let position?, nil): self.remove(at: position)
            case (nil, nil): break
            }
        }
    }

    private func position(of key: String) -> Int? {
        guard self.entries.count <= Self.linearSearchLimit else { return self.positions[key] }
        return self.entries.firstIndex { $0.key == key }
    }

    private mutating func append(_ entry: Entry) {
        self.entries.append(entry)
        guard self.entries.count > Self.linearSearchLimit else { return }
        if self.positions.isEmpty {
            self.indexEntries()
        } else {
            self.positions[entry.key] = self.entries.count - 1
        }
    }

    private mutating func remove(at position: Int) {
        self.entries.remove(at: position)
        self.indexEntries()
    }

    private mutating func indexEntries() {
        self.positions.removeAll(keepingCapacity: true)
        guard self.entries.count > Self.linearSearchLimit else { return }
        for (position, entry) in self.entries.enumerated() { self.positions[entry.key] = position }
    }
}

extension NGDictionary: Equatable {
    /// True if both have the same keys with equal values, in whatever order.
    public static func == (one: NGDictionary, other: NGDictionary) -> Bool {
        one.count == other.count && one.entries.allSatisfy { other[$0.key] == $0.value }
    }
}

extension NGDictionary: ExpressibleByDictionaryLiteral {
    /// A dictionary; of repeated keys the last one counts.
    public init(dictionaryLiteral elements: (String, NGValue)...) {
        for (key, value) in elements { self[key] = value }
    }
}
