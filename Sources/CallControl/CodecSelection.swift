import ControlProtocols
import SDPGrammar

/// A codec as controllers name it: `NAME`, `NAME/RATE` or `NAME/RATE/CHANNELS` in any case, `all`, `full`.
struct CodecName: Sendable, Hashable {
    private let name: String
    private let clockRate: UInt32?
    private let channels: Int

    /// A name without a rate means every rate; a rate without channels means one channel, as in `a=rtpmap`.
    init(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false)
        self.name = parts.first.map { $0.lowercased() } ?? ""
        self.clockRate = parts.count > 1 ? UInt32(parts[1]) ?? 0 : nil
        self.channels = parts.count > 2 ? Int(parts[2]) ?? 0 : 1
    }

    /// True for `all` and `full`.
    var isEverything: Bool { self.name == "all" || self.name == "full" }

    func matches(_ codec: ListedCodec) -> Bool {
        guard codec.name == self.name, !self.name.isEmpty else { return false }
        guard let clockRate = self.clockRate else { return true }
        return codec.clockRate == clockRate && codec.channels == self.channels
    }
}

/// One format of an `m=` line and the codec it stands for.
struct ListedCodec: Sendable, Hashable {
    /// The format as written: a payload type.
    let format: String
    /// In small letters; empty if the format has no `a=rtpmap` and no static meaning.
    let name: String
    let clockRate: UInt32
    let channels: Int

    /// Telephone events and comfort noise accompany codecs of their clock rate (RFC 4733, RFC 3389).
    var isSupplement: Bool { self.name == "telephone-event" || self.name == "cn" }

    /// The same codec, under whatever payload type; one without a name is known by its payload type.
    func isSame(as other: ListedCodec) -> Bool {
        guard !self.name.isEmpty else { return other.name.isEmpty && self.format == other.format }
        return self.name == other.name && self.clockRate == other.clockRate && self.channels == other.channels
    }
}

extension MediaDescription {
    /// The codecs of an RTP section in the order of the formats.
    var listedCodecs: [ListedCodec] {
        var maps: [String: RTPMap] = [:]
        for map in self.rtpMaps { maps[String(map.payloadType)] = map }
        return self.formats.map { format in
            let map = maps[format]
            return ListedCodec(
                format: format, name: map?.encodingName.lowercased() ?? "", clockRate: map?.clockRate ?? 0,
                channels: map?.channels ?? 0)
        }
    }
}

/// What is done to the codec list of one section without a codec engine (ng.md 2.1, `codec`).
struct CodecSelection: Sendable {
    /// The formats that stay, in order.
    private(set) var formats: [String]
    /// What the receiver does not get to see.
    private(set) var withheld: [ListedCodec]
    /// Nothing is left, and the controller said that this is what it wants (`allow no codec media`).
    private(set) var isEmptied = false

    /// Chooses from a section's codecs.
    ///
    /// - Parameters:
    ///   - section: the section as the sender wrote it.
    ///   - options: what the controller asked for.
    ///   - neverOffered: in an answer, what was withheld from its sender; nil in an offer.
    init(_ section: MediaDescription, options: CodecOptions, neverOffered: [ListedCodec]?) {
        self.formats = section.formats
        self.withheld = []
        guard !options.isEmpty || neverOffered?.isEmpty == false, section.isRTP, section.port != 0 else {
            return
        }
        let listed = section.listedCodecs
        var kept = listed
        if let neverOffered {
            kept.removeAll { codec in neverOffered.contains { codec.isSame(as: $0) } }
        }
        let ignored = options.ignore.map(CodecName.init)
        kept.removeAll { codec in ignored.contains { $0.isEverything || $0.matches(codec) } }
        kept = Self.stripped(kept, options)
        let parameters = FormatReferences(section)
        if options.isSingle, neverOffered != nil { kept = Self.single(kept, parameters) }
        guard kept != listed else { return }
        if Set(kept) != Set(listed) {
            kept = parameters.withoutOrphans(Self.withoutOrphans(kept, of: listed))
        }
        guard !kept.isEmpty || options.allowsNone else {
            // An SDP without codecs is a mistake: media as it was offered is better than none.
            return
        }
        self.isEmptied = kept.isEmpty
        self.withheld = listed.filter { !kept.contains($0) }
        if !kept.isEmpty { self.formats = kept.map(\.format) }
    }

    /// Obeys `strip`, `except` and `offer`. What comes back stands before telephone events and comfort noise.
    private static func stripped(_ codecs: [ListedCodec], _ options: CodecOptions) -> [ListedCodec] {
        let strip = options.strip.map(CodecName.init)
        let except = options.except.map(CodecName.init)
        let offer = options.offer.map(CodecName.init)
        guard !strip.isEmpty else { return codecs }
        let stripsAll = strip.contains { $0.isEverything }
        let offersAll = offer.contains { $0.isEverything }
        var kept: [ListedCodec] = []
        var gone: [ListedCodec] = []
        for codec in codecs {
            let isNamed = strip.contains { $0.matches(codec) }
            let isExcepted = except.contains { $0.matches(codec) } || offersAll
            if isNamed || (stripsAll && !isExcepted) { gone.append(codec) } else { kept.append(codec) }
        }
        for name in offer {
            let back = gone.filter { name.matches($0) }
            gone.removeAll { name.matches($0) }
            for codec in back {
                let place = codec.isSupplement ? nil : kept.firstIndex { $0.isSupplement }
                kept.insert(codec, at: place ?? kept.endIndex)
            }
        }
        return kept
    }

    /// The first codec, and what goes with it.
    private static func single(_ codecs: [ListedCodec], _ parameters: FormatReferences) -> [ListedCodec] {
        guard let first = codecs.first(where: { !$0.isSupplement && parameters.referred(by: $0) == nil })
        else { return codecs }
        return codecs.filter {
            $0 == first || $0.isSupplement || parameters.referred(by: $0) == first.format
        }
    }

    /// Telephone events and comfort noise of clock rates that no codec has any more go too.
    private static func withoutOrphans(_ codecs: [ListedCodec], of listed: [ListedCodec]) -> [ListedCodec] {
        let before = Set(listed.filter { !$0.isSupplement }.map(\.clockRate))
        let lost = before.subtracting(codecs.filter { !$0.isSupplement }.map(\.clockRate))
        return codecs.filter { !$0.isSupplement || !lost.contains($0.clockRate) }
    }
}

/// Formats that only repair another one of the section: `a=fmtp:97 apt=96` (RFC 4588, section 8.6).
private struct FormatReferences {
    private var repaired: [String: String] = [:]

    init(_ section: MediaDescription) {
        for value in section.values(ofAttribute: "fmtp") {
            let words = value.split(whereSeparator: { " \t;".contains($0) })
            guard let format = words.first, let reference = words.first(where: { $0.hasPrefix("apt=") })
            else { continue }
            self.repaired[String(format)] = String(reference.dropFirst(4))
        }
    }

    /// The format that a format repairs, if any.
    func referred(by codec: ListedCodec) -> String? { self.repaired[codec.format] }

    /// Without those whose format is not there.
    func withoutOrphans(_ codecs: [ListedCodec]) -> [ListedCodec] {
        let formats = Set(codecs.map(\.format))
        return codecs.filter { codec in self.repaired[codec.format].map { formats.contains($0) } ?? true }
    }
}
