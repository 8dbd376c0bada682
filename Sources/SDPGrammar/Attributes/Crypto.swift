/// `a=crypto:TAG SUITE KEYS [PARAMETERS]`: SRTP keys in SDP (RFC 4568, section 4).
public struct CryptoAttribute: Sendable, Hashable {
    /// One `inline:KEY[|LIFETIME][|MKI:LENGTH]` (RFC 4568, section 6.1).
    public struct Key: Sendable, Hashable {
        /// Master key and salt in base64, as written, padded or not.
        public var keyAndSalt: String
        /// Packets the key may protect; nil if not written.
        public var lifetimePackets: UInt64?
        /// The master key identifier: its value and its length in octets.
        public var masterKeyIdentifier: MasterKeyIdentifier?
    }

    /// The identifier of one of several master keys, as SRTP packets carry it.
    public struct MasterKeyIdentifier: Sendable, Hashable {
        /// The value: decimal digits, kept as text because it may exceed 64 bits.
        public var value: String
        /// Octets it takes in a packet, 1 to 128.
        public var length: Int
    }

    /// What the answer names to say which it took; at most nine digits.
    public var tag: UInt32
    /// `AES_CM_128_HMAC_SHA1_80`, `AEAD_AES_256_GCM`, …
    public var suite: String
    /// At least one key.
    public var keys: [Key]
    /// `UNENCRYPTED_SRTP`, `KDR=0`, `WSH=64`, … in order and verbatim.
    public var sessionParameters: [String]

    /// Reads the value of the attribute; nil if it is malformed or names another key method than `inline`.
    public init?(_ value: String) {
        let fields = value.fields
        guard fields.count >= 3, let tag: UInt32 = fields[0].decimal(upTo: 999_999_999) else { return nil }
        self.tag = tag
        self.suite = String(fields[1])
        self.keys = []
        for text in fields[2].utf8.split(separator: UInt8(ascii: ";"), omittingEmptySubsequences: false) {
            guard let key = Key(Substring(text)) else { return nil }
            self.keys.append(key)
        }
        self.sessionParameters = fields.dropFirst(3).map(String.init)
    }
}

extension CryptoAttribute.Key {
    fileprivate init?(_ text: Substring) {
        guard let (method, information) = text.cut(at: UInt8(ascii: ":")), method == "inline" else {
            return nil
        }
        let parts = information.utf8.split(separator: UInt8(ascii: "|"), omittingEmptySubsequences: false)
            .map(Substring.init)
        guard (1...3).contains(parts.count), !parts[0].isEmpty else { return nil }
        self.keyAndSalt = String(parts[0])
        var rest = parts.dropFirst()
        if let part = rest.first, part.cut(at: UInt8(ascii: ":")) == nil {
            guard let lifetime = Self.lifetime(part) else { return nil }
            self.lifetimePackets = lifetime
            rest = rest.dropFirst()
        }
        if let part = rest.first {
            guard let identifier = CryptoAttribute.MasterKeyIdentifier(part) else { return nil }
            self.masterKeyIdentifier = identifier
            rest = rest.dropFirst()
        }
        guard rest.isEmpty else { return nil }
    }

    /// A number of packets, written as such or as `2^N`; at most 2^48 (RFC 4568, section 6.1).
    private static func lifetime(_ text: Substring) -> UInt64? {
        if let (base, exponent) = text.cut(at: UInt8(ascii: "^")) {
            guard base == "2", let power: UInt64 = exponent.decimal(upTo: 48) else { return nil }
            return 1 << power
        }
        guard let packets: UInt64 = text.decimal(upTo: 1 << 48), packets > 0 else { return nil }
        return packets
    }
}

extension CryptoAttribute.MasterKeyIdentifier {
    fileprivate init?(_ text: Substring) {
        guard let (value, lengthText) = text.cut(at: UInt8(ascii: ":")), !value.isEmpty else { return nil }
        guard value.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        guard let length: Int = lengthText.decimal(upTo: 128), length > 0 else { return nil }
        self.value = String(value)
        self.length = length
    }
}

extension MediaDescription {
    /// The section's well-formed `a=crypto` lines, in the order of preference they are written in.
    public var cryptos: [CryptoAttribute] {
        self.values(ofAttribute: "crypto").compactMap(CryptoAttribute.init)
    }
}
