import WireFormat

/// Writes a dictionary octet by octet, without building its values first.
///
/// The statistics of a call have some hundred values, of which the reply to every `delete` is made. Whoever writes sees
/// to the order: a key before each value of a dictionary, an end for each beginning.
struct NGWriter {
    private let encoding: NGEncoding
    /// What was written, and room behind it: filling it in place costs less than appending.
    private var storage: [UInt8]
    private var position = 0
    /// JSON has a comma between members.
    private var needsComma = false

    /// A writer with room for so many octets; it makes more when it has to.
    init(_ encoding: NGEncoding, room: Int = 256) {
        self.encoding = encoding
        self.storage = [UInt8](repeating: 0, count: max(room, 1))
    }

    /// Ends the writing.
    consuming func finished() -> [UInt8] {
        var octets = self.storage
        octets.removeLast(octets.count - self.position)
        return octets
    }

    private mutating func makeRoom(_ octets: Int) {
        guard self.storage.count - self.position < octets else { return }
        self.storage.append(contentsOf: repeatElement(0, count: max(octets, self.storage.count)))
    }

    private mutating func put(_ octet: UInt8) {
        self.makeRoom(1)
        self.storage[self.position] = octet
        self.position += 1
    }

    /// Writes octets as they are.
    mutating func put(_ octets: [UInt8]) {
        self.makeRoom(octets.count)
        self.storage.replaceSubrange(self.position..<self.position + octets.count, with: octets)
        self.position += octets.count
    }

    // MARK: Containers

    mutating func beginDictionary() { self.begin(bencode: UInt8(ascii: "d"), json: UInt8(ascii: "{")) }

    mutating func endDictionary() { self.end(json: UInt8(ascii: "}")) }

    mutating func beginList() { self.begin(bencode: UInt8(ascii: "l"), json: UInt8(ascii: "[")) }

    mutating func endList() { self.end(json: UInt8(ascii: "]")) }

    private mutating func begin(bencode: UInt8, json: UInt8) {
        self.separate()
        self.put(self.encoding == .bencode ? bencode : json)
        self.needsComma = false
    }

    private mutating func end(json: UInt8) {
        self.put(self.encoding == .bencode ? UInt8(ascii: "e") : json)
        self.needsComma = true
    }

    private mutating func separate() {
        if self.needsComma, self.encoding == .json { self.put(UInt8(ascii: ",")) }
    }

    // MARK: Members

    /// The key of the value that is written next.
    mutating func key(_ key: String) {
        self.text(key)
        guard self.encoding == .json else { return }
        self.put(UInt8(ascii: ":"))
        self.needsComma = false
    }

    mutating func text(_ text: String) {
        guard self.encoding == .bencode else {
            self.separate()
            var octets: [UInt8] = []
            JSON.append(string: Array(text.utf8), to: &octets)
            self.put(octets)
            self.needsComma = true
            return
        }
        let source = text.utf8.span
        self.makeRoom(source.count + Self.numberOctets)
        var position = self.position
        var target = self.storage.mutableSpan
        position = Self.putDigits(UInt64(source.count), into: &target, at: position)
        target[position] = UInt8(ascii: ":")
        position += 1
        for index in source.indices {
            target[position] = source[index]
            position += 1
        }
        self.position = position
    }

    mutating func integer(_ number: Int64) {
        self.makeRoom(Self.numberOctets)
        self.separate()
        if self.encoding == .bencode { self.put(UInt8(ascii: "i")) }
        if number < 0 { self.put(UInt8(ascii: "-")) }
        self.makeRoom(Self.numberOctets)
        var position = self.position
        var target = self.storage.mutableSpan
        position = Self.putDigits(number.magnitude, into: &target, at: position)
        self.position = position
        if self.encoding == .bencode { self.put(UInt8(ascii: "e")) }
        self.needsComma = true
    }

    /// The most that a number and what stands around it take.
    private static let numberOctets = 24

    /// Writes decimal digits, and says where they end; there has to be room for ``numberOctets``.
    private static func putDigits(
        _ number: UInt64, into target: inout MutableSpan<UInt8>, at start: Int
    ) -> Int {
        var end = start + 1
        var rest = number / 10
        while rest > 0 {
            end += 1
            rest /= 10
        }
        rest = number
        var position = end
        repeat {
            position -= 1
            target[position] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        } while position > start
        return end
    }

    /// A value that was built already.
    mutating func value(_ value: NGValue) {
        self.separate()
        var octets: [UInt8] = []
        switch self.encoding {
        case .bencode: Bencode.append(value, to: &octets)
        case .json: JSON.append(value, to: &octets)
        }
        self.put(octets)
        self.needsComma = true
    }

    /// The members of a dictionary that was built already.
    mutating func members(of dictionary: NGDictionary) {
        for entry in dictionary.entries {
            self.key(entry.key)
            self.value(entry.value)
        }
    }

    // MARK: Keys with their values

    mutating func text(_ text: String?, for key: String) {
        guard let text else { return }
        self.key(key)
        self.text(text)
    }

    mutating func integer(_ number: (some BinaryInteger)?, for key: String) {
        guard let number else { return }
        self.key(key)
        self.integer(Int64(clamping: number))
    }

    mutating func address(_ address: IPAddress, for key: String) {
        self.key(key)
        guard self.encoding == .bencode, address.family == .ipv4 else {
            return self.text(address.description)
        }
        let octets = address.ipv4Bits
        var length = 3
        for shift in stride(from: UInt32(24), through: 0, by: -8) {
            let octet = octets >> shift & 0xFF
            length += octet >= 100 ? 3 : octet >= 10 ? 2 : 1
        }
        self.makeRoom(Self.numberOctets * 2)
        var position = self.position
        var target = self.storage.mutableSpan
        position = Self.putDigits(UInt64(length), into: &target, at: position)
        for (index, shift) in [UInt32(24), 16, 8, 0].enumerated() {
            target[position] = index == 0 ? UInt8(ascii: ":") : UInt8(ascii: ".")
            position = Self.putDigits(UInt64(octets >> shift & 0xFF), into: &target, at: position + 1)
        }
        self.position = position
    }
}

extension [UInt8] {
    /// Appends a number in decimal digits.
    mutating func appendDecimal(_ number: UInt64) {
        // At most 19 calls deep, and for most numbers one or two.
        if number >= 10 { self.appendDecimal(number / 10) }
        self.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number % 10))
    }
}
