import ControlProtocols
import SDPGrammar
import WireFormat

/// A reply as the lines of a fixture file.
enum ReplyLines {
    private static let times: Set = [
        "created", "created_ts", "created_us", "last signal", "last packet", "last user packet",
    ]

    /// Keys and values without the SDP, sorted: `tags.ft.medias.1.index = 1`.
    static func values(_ reply: NGReply) -> [String] {
        var lines: [String] = []
        for entry in reply.dictionary.entries where entry.key != "sdp" {
            lines += self.flatten(entry.value, path: entry.key, key: entry.key)
        }
        return lines.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// The SDP of a reply, with relay ports and the name of the relay masked.
    static func description(_ reply: NGReply) -> [String] {
        guard let sdp = reply.dictionary["sdp"]?.octets else { return [] }
        let lines = String(decoding: sdp, as: UTF8.self).split(separator: "\r\n").map(String.init)
        return lines.map(self.mask)
    }

    /// What rtpengine 10.5 and 26.3 write alike: `o=`, and of each section `m=`, the `c=` that holds for it, direction and
    /// RTCP.
    static func essence(_ reply: NGReply) throws -> [String] {
        guard let sdp = reply.dictionary["sdp"]?.octets else { return [] }
        let session = try SessionDescription(parsing: sdp)
        let whole = self.description(reply)
        var lines = whole.filter { $0.hasPrefix("o=") }
        let mediaLines = whole.filter { $0.hasPrefix("m=") }
        for (media, line) in zip(session.media, mediaLines) {
            lines.append(line)
            if let connection = session.applicableConnection(for: media) {
                lines.append("c=IN \(connection.family == .ipv6 ? "IP6" : "IP4") \(connection.host)")
            }
            for attribute in media.attributes {
                let text = "a=" + attribute.name + (attribute.value.map { ":" + $0 } ?? "")
                let isDirection = ["sendrecv", "sendonly", "recvonly", "inactive"].contains(attribute.name)
                if isDirection || attribute.name.hasPrefix("rtcp") { lines.append(self.mask(text)) }
            }
        }
        return lines
    }

    private static func mask(_ line: String) -> String {
        if line.hasPrefix("a=rtpengine:") { return "a=rtpengine:INSTANCE" }
        let separator: Character = line.hasPrefix("a=rtcp:") ? ":" : " "
        guard line.hasPrefix("a=rtcp:") || line.hasPrefix("m="), let start = line.firstIndex(of: separator)
        else { return line }
        let port = line[line.index(after: start)...].prefix { $0.isNumber }
        guard let number = UInt16(port), number >= CountedPorts.first else { return line }
        return line.replacing(port, with: "PORT", maxReplacements: 1)
    }

    private static func flatten(_ value: NGValue, path: String, key: String) -> [String] {
        switch value {
        case .dictionary(let dictionary):
            guard !dictionary.isEmpty else { return ["\(path) = {}"] }
            return dictionary.entries.flatMap {
                self.flatten($0.value, path: "\(path).\($0.key)", key: $0.key)
            }
        case .list(let members):
            guard !members.isEmpty else { return ["\(path) = []"] }
            let texts = members.compactMap(\.text)
            guard texts.count < members.count else { return ["\(path) = \(texts.joined(separator: ", "))"] }
            return members.enumerated().flatMap {
                self.flatten($0.element, path: "\(path).\($0.offset + 1)", key: "")
            }
        case .string, .integer:
            if self.times.contains(key) { return ["\(path) = TIME"] }
            return ["\(path) = \(key == "local port" ? "PORT" : value.text ?? "")"]
        }
    }
}
