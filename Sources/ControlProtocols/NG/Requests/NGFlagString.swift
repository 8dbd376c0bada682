/// The words of a flags string (`rtpp-flags`): what a Kamailio script writes, passed through as it is.
///
/// ```
/// words  = *( word / blank )
/// word   = name [ "=" value ]
/// value  = text / "[" *( value / name "=" value / blank ) "]"
/// ```
///
/// A bracket holds a dictionary if anything in it has a `=`, a list otherwise. As blanks and `=` separate, text within
/// brackets and of `metadata` writes them as `..` and `--`.
struct NGFlagString {
    /// A word, with a value if a non-empty one follows a `=`.
    struct Word: Equatable {
        var name: String
        var value: NGValue?
    }

    private let input: [UInt8]
    private var position = 0
    private var remainingMembers = NGRequestLimits.listMembers

    private init(_ input: [UInt8]) {
        self.input = input
    }

    /// Cuts a flags string into words. Nothing is an error: an open bracket ends with the string, and what is beyond
    /// ``NGRequestLimits/listMembers`` or ``NGRequestLimits/flagStringDepth`` is not read.
    static func words(_ input: [UInt8]) -> [Word] {
        var parser = NGFlagString(input)
        var words: [Word] = []
        while words.count < NGRequestLimits.listMembers, let word = parser.nextWord() { words.append(word) }
        return words
    }

    private mutating func nextWord() -> Word? {
        self.skipBlanks()
        guard self.position < self.input.count else { return nil }
        let name = self.text { $0 == UInt8(ascii: "=") }
        guard self.consume(UInt8(ascii: "=")) else { return Word(name: name, value: nil) }
        if self.consume(UInt8(ascii: "[")) { return Word(name: name, value: self.bracket(depth: 1)) }
        let value = self.text { _ in false }
        guard !value.isEmpty else { return Word(name: name, value: nil) }
        let hasEscapes = NGVocabulary.fold(name) == "metadata"
        return Word(name: name, value: .text(hasEscapes ? Self.unescape(value) : value))
    }

    /// What is between brackets, the opening one being read.
    private mutating func bracket(depth: Int) -> NGValue {
        var members: [NGValue] = []
        var dictionary = NGDictionary()
        while self.remainingMembers > 0 {
            self.skipBlanks()
            guard self.position < self.input.count, !self.consume(UInt8(ascii: "]")) else { break }
            self.remainingMembers -= 1
            if self.consume(UInt8(ascii: "[")) {
                members.append(self.nestedBracket(depth: depth))
                continue
            }
            let text = self.bracketText(stopsAtEquals: true)
            guard self.consume(UInt8(ascii: "=")) else {
                members.append(.text(text))
                continue
            }
            if self.consume(UInt8(ascii: "[")) {
                dictionary[text] = self.nestedBracket(depth: depth)
            } else {
                dictionary[text] = .text(self.bracketText(stopsAtEquals: false))
            }
        }
        return dictionary.isEmpty ? .list(members) : .dictionary(dictionary)
    }

    private mutating func nestedBracket(depth: Int) -> NGValue {
        guard depth < NGRequestLimits.flagStringDepth else {
            self.position = self.input.count
            return .list([])
        }
        return self.bracket(depth: depth + 1)
    }

    private mutating func bracketText(stopsAtEquals: Bool) -> String {
        Self.unescape(
            self.text { octet in
                octet == UInt8(ascii: "]") || (stopsAtEquals && octet == UInt8(ascii: "="))
            })
    }

    /// Everything up to a blank, or up to an octet at which to stop.
    private mutating func text(until stops: (UInt8) -> Bool) -> String {
        let start = self.position
        while self.position < self.input.count {
            let octet = self.input[self.position]
            if Self.isBlank(octet) || stops(octet) { break }
            self.position += 1
        }
        return String(decoding: self.input[start..<self.position], as: UTF8.self)
    }

    private mutating func consume(_ octet: UInt8) -> Bool {
        guard self.position < self.input.count, self.input[self.position] == octet else { return false }
        self.position += 1
        return true
    }

    private mutating func skipBlanks() {
        while self.position < self.input.count, Self.isBlank(self.input[self.position]) { self.position += 1 }
    }

    private static func isBlank(_ octet: UInt8) -> Bool {
        octet == 0x20 || (0x09...0x0D).contains(octet)
    }

    /// `--` becomes `=`, `..` a blank.
    static func unescape(_ text: String) -> String {
        guard text.utf8.contains(where: { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".") }) else {
            return text
        }
        var octets: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let octet = rest.popFirst() {
            if octet == UInt8(ascii: "-"), rest.first == octet {
                octets.append(UInt8(ascii: "="))
                rest.removeFirst()
            } else if octet == UInt8(ascii: "."), rest.first == octet {
                octets.append(UInt8(ascii: " "))
                rest.removeFirst()
            } else {
                octets.append(octet)
            }
        }
        return String(decoding: octets, as: UTF8.self)
    }
}
