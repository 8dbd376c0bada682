import ControlProtocols
import Foundation
import Testing

/// Access to the recorded data of this target.
enum Fixture {
    static func lines(_ name: String) throws -> [String] {
        let url = try #require(Bundle.module.url(forResource: "Fixtures/\(name)", withExtension: nil))
        let text = try String(contentsOf: url, encoding: .utf8)
        return text.split(separator: "\n").map(String.init).filter { !$0.hasPrefix("# Requests") }
    }

    /// Reads `\r`, `\n` and `\\`.
    static func unescape(_ text: String) -> [UInt8] {
        var octets: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let octet = rest.popFirst() {
            guard octet == UInt8(ascii: "\\"), let escaped = rest.popFirst() else {
                octets.append(octet)
                continue
            }
            switch escaped {
            case UInt8(ascii: "r"): octets.append(0x0D)
            case UInt8(ascii: "n"): octets.append(0x0A)
            default: octets.append(escaped)
            }
        }
        return octets
    }

    /// What Kamailio sent: the flags of its script and the datagram.
    struct KamailioRequest {
        let command: String
        let scriptFlags: String
        let datagram: [UInt8]
    }

    static func kamailioRequests() throws -> [KamailioRequest] {
        var requests: [KamailioRequest] = []
        var header = ["", ""]
        for line in try Self.lines("kamailio-5.6.3-requests.txt") {
            if line.hasPrefix("# ") {
                header = line.dropFirst(2).components(separatedBy: " | ") + [""]
                continue
            }
            requests.append(
                KamailioRequest(
                    command: header[0].trimmingCharacters(in: .whitespaces), scriptFlags: header[1],
                    datagram: Self.unescape(line)))
        }
        return requests
    }

    /// One exchange with a running rtpengine.
    struct Exchange {
        let name: String
        let request: String
        let reply: String

        /// The datagram of a `raw` request, nil if only a dictionary was recorded.
        var rawDatagram: [UInt8]? {
            self.request.hasPrefix("raw ") ? Array(self.request.dropFirst(4).utf8) : nil
        }
    }

    static func exchanges(with version: String) throws -> [Exchange] {
        var exchanges: [Exchange] = []
        var name = ""
        var request = ""
        for line in try Self.lines("rtpengine-\(version).txt") {
            if line.hasPrefix("## ") { name = String(line.dropFirst(3)) }
            if line.hasPrefix("> ") { request = String(line.dropFirst(2)) }
            if line.hasPrefix("< ") {
                exchanges.append(Exchange(name: name, request: request, reply: String(line.dropFirst(2))))
            }
        }
        return exchanges
    }

    static func json(_ text: String) throws -> NGDictionary {
        let recorded = text.replacing(": TIME", with: ": 1").replacing(": PORT", with: ": 30000")
        return try #require(try JSON.decode(Array(recorded.utf8)[...]).dictionary)
    }
}

/// A small deterministic generator, so that a failing fuzz run can be repeated.
struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = self.state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

extension SplitMix64 {
    /// A copy of the input with up to four octets changed, inserted, removed, or pieces copied elsewhere.
    mutating func mutate(_ input: [UInt8], alphabet: [UInt8]) -> [UInt8] {
        var output = input
        for _ in 0..<Int.random(in: 1...4, using: &self) {
            let position = output.isEmpty ? 0 : Int.random(in: 0..<output.count, using: &self)
            let octet = alphabet.randomElement(using: &self) ?? 0
            switch Int.random(in: 0..<5, using: &self) {
            case 0 where !output.isEmpty: output[position] = octet
            case 1 where !output.isEmpty: output.remove(at: position)
            case 2 where !output.isEmpty: output.removeSubrange(position...)
            case 3 where !output.isEmpty:
                let end = min(output.count, position + Int.random(in: 1...24, using: &self))
                output.insert(contentsOf: output[position..<end], at: 0)
            default: output.insert(octet, at: position)
            }
        }
        return output
    }
}
