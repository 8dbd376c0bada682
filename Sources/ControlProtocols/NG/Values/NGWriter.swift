/// Writes a dictionary octet by octet, without building its values first.
///
/// The statistics of a call have some hundred values, of which the reply to every `delete` is made. Whoever writes sees
/// to the order: a key before each value of a dictionary, an end for each beginning.
struct NGWriter {
    /// What was written.
    private(set) var output: [UInt8]
    private let encoding: NGEncoding
    /// JSON has a comma between members.
    private var needsComma = false

    /// A writer that goes on behind `output`.
    init(_ encoding: NGEncoding, appendingTo output: [UInt8] = []) {
        self.encoding = encoding
        self.output = output
    }

    mutating func reserve(_ octets: Int) { self.output.reserveCapacity(self.output.count + octets) }

    // MARK: Containers

    mutating func beginDictionary() { self.begin(bencode: UInt8(ascii: "d"), json: UInt8(ascii: "{")) }

    mutating func endDictionary() { self.end(json: UInt8(ascii: "}")) }

    mutating func beginList() { self.begin(bencode: UInt8(ascii: "l"), json: UInt8(ascii: "[")) }

    mutating func endList() { self.end(json: UInt8(ascii: "]")) }

    private mutating func begin(bencode: UInt8, json: UInt8) {
        self.separate()
        self.output.append(self.encoding == .bencode ? bencode : json)
        self.needsComma = false
    }

    private mutating func end(json: UInt8) {
        self.output.append(self.encoding == .bencode ? UInt8(ascii: "e") : json)
        self.needsComma = true
    }

    private mutating func separate() {
        if self.needsComma, self.encoding == .json { self.output.append(UInt8(ascii: ",")) }
    }

    // MARK: Members

    /// The key of the value that is written next.
    mutating func key(_ key: String) {
        self.text(key)
        guard self.encoding == .json else { return }
        self.output.append(UInt8(ascii: ":"))
        self.needsComma = false
    }

    mutating func text(_ text: String) {
        switch self.encoding {
        case .bencode:
            self.digits(UInt64(text.utf8.count))
            self.output.append(UInt8(ascii: ":"))
            self.output.append(contentsOf: text.utf8)
        case .json:
            self.separate()
            JSON.append(string: Array(text.utf8), to: &self.output)
            self.needsComma = true
        }
    }

    mutating func integer(_ number: Int64) {
        self.separate()
        if self.encoding == .bencode { self.output.append(UInt8(ascii: "i")) }
        if number < 0 { self.output.append(UInt8(ascii: "-")) }
        self.digits(number.magnitude)
        if self.encoding == .bencode { self.output.append(UInt8(ascii: "e")) }
        self.needsComma = true
    }

    /// A value that was built already.
    mutating func value(_ value: NGValue) {
        self.separate()
        switch self.encoding {
        case .bencode: Bencode.append(value, to: &self.output)
        case .json: JSON.append(value, to: &self.output)
        }
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

    private mutating func digits(_ number: UInt64) { self.output.appendDecimal(number) }
}

extension [UInt8] {
    /// Appends a number in decimal digits.
    mutating func appendDecimal(_ number: UInt64) {
        // At most 19 calls deep, and for most numbers one or two.
        if number >= 10 { self.appendDecimal(number / 10) }
        self.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number % 10))
    }
}
