/// Orders the codec attributes of a section by the formats of its `m=` line.
struct CodecLines {
    /// Format position, role and attribute index packed into one sortable number.
    private var keys: [UInt64] = []
    /// The payload type of each format, nil where it is none or was mentioned before.
    private var payloadTypes: [UInt8?] = []
    private let attributes: [Attribute]
    /// Lines for all payload types: `a=rtcp-fb:* …`.
    private var wildcards: [Int] = []

    init(section: MediaDescription, roles: [AttributeRole]) {
        self.attributes = section.attributes
        // Payload types are at most 127; the first mention in m= decides.
        var positions: [Int?] = Array(repeating: nil, count: 128)
        for (position, format) in section.formats.enumerated() {
            var payloadType: UInt8? = format.decimal(upTo: 127)
            if let known = payloadType {
                if positions[Int(known)] != nil {
                    payloadType = nil
                } else {
                    positions[Int(known)] = position
                }
            }
            self.payloadTypes.append(payloadType)
        }
        for (index, role) in roles.enumerated() {
            guard let rank = Self.rank(of: role), let value = section.attributes[index].value else {
                continue
            }
            let head = value.utf8.prefix { $0 != 0x20 && $0 != 0x09 }
            if role == .codecFeedback, head.elementsEqual("*".utf8) {
                self.wildcards.append(index)
                continue
            }
            // Lines about a payload type that m= does not list are dropped: that is how stripping a codec works.
            guard let payloadType: UInt8 = Substring(head).decimal(upTo: 127),
                let position = positions[Int(payloadType)]
            else { continue }
            self.keys.append(UInt64(position) << 32 | rank << 24 | UInt64(index))
        }
        self.keys.sort()
    }

    /// The order of the lines of one codec.
    private static func rank(of role: AttributeRole) -> UInt64? {
        switch role {
        case .codecMapping: 0
        case .codecParameters: 1
        case .codecFeedback: 2
        default: nil
        }
    }

    /// Writes mapping, parameters and feedback of each codec, with the mapping of static payload types filled in.
    func write(to writer: inout SDPWriter) {
        var next = 0
        for (position, payloadType) in self.payloadTypes.enumerated() {
            let isMapped = next < self.keys.count && self.keys[next] >> 24 == UInt64(position) << 8
            if !isMapped, let payloadType, let map = RTPMap.staticAssignment(of: payloadType) {
                writer.write(Attribute("rtpmap", map.description))
            }
            while next < self.keys.count, self.keys[next] >> 32 == UInt64(position) {
                writer.write(self.attributes[Int(self.keys[next] & 0xFFFFFF)])
                next += 1
            }
        }
        for index in self.wildcards { writer.write(self.attributes[index]) }
    }
}
