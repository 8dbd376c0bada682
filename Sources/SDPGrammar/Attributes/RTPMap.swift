/// What one RTP payload type carries: `a=rtpmap:PT NAME/RATE[/CHANNELS]` (RFC 8866, section 6.6).
public struct RTPMap: Sendable, Hashable {
    /// The payload type, 0 to 127.
    public var payloadType: UInt8
    /// The encoding name as written; names are compared without regard to case (RFC 4855, section 3).
    public var encodingName: String
    /// RTP timestamp units a second.
    public var clockRate: UInt32
    /// Audio channels; 1 if not written.
    public var channels: Int

    /// A mapping from its parts.
    public init(payloadType: UInt8, encodingName: String, clockRate: UInt32, channels: Int = 1) {
        self.payloadType = payloadType
        self.encodingName = encodingName
        self.clockRate = clockRate
        self.channels = channels
    }

    /// Reads the value of the attribute; nil if it is malformed.
    public init?(_ value: String) {
        guard let (head, tail) = value.cut(at: UInt8(ascii: " ")) else { return nil }
        guard let payloadType: UInt8 = head.decimal(upTo: 127) else { return nil }
        let parts = tail.trimmed.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard (2...3).contains(parts.count), !parts[0].isEmpty else { return nil }
        guard let clockRate: UInt32 = Substring(parts[1]).decimal(), clockRate > 0 else { return nil }
        self.init(payloadType: payloadType, encodingName: String(Substring(parts[0])), clockRate: clockRate)
        // Parameters of other kinds than a number of channels are legal and mean nothing here.
        if parts.count == 3, let channels: Int = Substring(parts[2]).decimal(upTo: 255), channels > 0 {
            self.channels = channels
        }
    }
}

extension RTPMap: CustomStringConvertible {
    /// The attribute's value: `8 PCMA/8000`, `10 L16/44100/2`.
    public var description: String {
        let channels = self.channels == 1 ? "" : "/\(self.channels)"
        return "\(self.payloadType) \(self.encodingName)/\(self.clockRate)\(channels)"
    }
}

extension MediaDescription {
    /// What the payload types of the section carry, in the order of `m=`: as written, else as RFC 3551 assigns it.
    ///
    /// Payload types of which neither is known are missing. Empty for sections that are not RTP.
    public var rtpMaps: [RTPMap] {
        guard self.isRTP else { return [] }
        var written: [UInt8: RTPMap] = [:]
        for value in self.values(ofAttribute: "rtpmap") {
            guard let map = RTPMap(value), written[map.payloadType] == nil else { continue }
            written[map.payloadType] = map
        }
        return self.formats.compactMap { format in
            guard let payloadType: UInt8 = format.decimal(upTo: 127) else { return nil }
            return written[payloadType] ?? RTPMap.staticAssignment(of: payloadType)
        }
    }

    /// The parameters of a format, `a=fmtp:FORMAT PARAMETERS`, verbatim (RFC 8866, section 6.15).
    public func formatParameters(of format: String) -> String? {
        for value in self.values(ofAttribute: "fmtp") {
            guard let (head, tail) = value.cut(at: UInt8(ascii: " ")), head == format else { continue }
            return String(tail)
        }
        return nil
    }
}
