/// Comments of map elements.
enum Comment {
    /// nft's limit, the closing zero not counted.
    static let octetsLimit = 127

    /// The text without what nft could not print between quotes, cut to what nft accepts.
    static func listable(_ text: String) -> String {
        var octets: [UInt8] = []
        octets.reserveCapacity(min(text.utf8.count, Self.octetsLimit))
        for character in text.unicodeScalars {
            let isPrintable = character.value >= 0x20 && character.value != 0x7F
            let clean = isPrintable && character != "\"" && character != "\\" ? character : "?"
            let encoded = UTF8.encode(clean)
            guard let encoded, octets.count + encoded.count <= Self.octetsLimit else { break }
            octets.append(contentsOf: encoded)
        }
        return String(decoding: octets, as: UTF8.self)
    }
}
