import Foundation
import SDPGrammar
import Testing
import WireFormat

/// The text of a fixture file.
func fixture(_ name: String) throws -> String {
    let folder = try #require(Bundle.module.resourceURL).appendingPathComponent("Fixtures")
    return try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
}

/// The blocks of a fixture file: `== NAME` and the lines up to the next block, without blank lines at the end.
func fixtureBlocks(_ name: String) throws -> [(name: String, lines: [String])] {
    var blocks: [(name: String, lines: [String])] = []
    for line in try fixture(name).split(separator: "\n", omittingEmptySubsequences: false) {
        if line.hasPrefix("== ") {
            blocks.append((String(line.dropFirst(3)), []))
        } else if !blocks.isEmpty, !line.hasPrefix("#") {
            blocks[blocks.count - 1].lines.append(String(line))
        }
    }
    for index in blocks.indices {
        while blocks[index].lines.last == "" { blocks[index].lines.removeLast() }
    }
    return blocks
}

/// One input, what the relay does to it, and the expected output; the fixture file explains the format.
struct GoldenBlock: CustomTestStringConvertible, Sendable {
    let name: String
    let input: [String]
    let output: [String]
    let rewrite: SessionRewrite
    /// Formats to set before rewriting, by section index.
    let formats: [Int: [String]]

    var testDescription: String { self.name }

    static func read(_ file: String) throws -> [GoldenBlock] {
        try fixtureBlocks(file).map { try GoldenBlock(name: $0.name, lines: $0.lines) }
    }

    init(name: String, lines: [String]) throws {
        self.name = name
        let first = try #require(lines.firstIndex(of: "-- rewrite"), "\(name)")
        let second = try #require(lines.firstIndex(of: "----"), "\(name)")
        self.input = Array(lines[..<first])
        self.output = Array(lines[(second + 1)...])
        var rewrite = SessionRewrite(media: [])
        var formats: [Int: [String]] = [:]
        for directive in lines[(first + 1)..<second] {
            let words = directive.split(separator: " ").map(String.init)
            let rest = directive.drop { $0 != " " }.dropFirst()
            switch words[0] {
            case "origin": rewrite.origin = try SessionDescription(parsing: "v=0\no=\(rest)\n").origin
            case "name": rewrite.sessionName = String(rest)
            case "session":
                let parts = rest.split(separator: ":", maxSplits: 1).map(String.init)
                rewrite.sessionAttributes.append(Attribute(parts[0], parts.count > 1 ? parts[1] : nil))
            case "formats": formats[try #require(Int(words[1])) - 1] = Array(words[2...])
            case "relayed": rewrite.media.append(.relayed(try Self.relayed(words)))
            case "rejected": rewrite.media.append(.rejected)
            case "removed": rewrite.media.append(.removed)
            default: Issue.record("unknown directive in \(name): \(directive)")
            }
        }
        self.rewrite = rewrite
        self.formats = formats
    }

    private static func relayed(_ words: [String]) throws -> RelayedMedia {
        var media = RelayedMedia(
            address: try #require(IPAddress(words[1])), port: try #require(UInt16(words[2])))
        for word in words[3...] {
            let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
            switch parts[0] {
            case "rtcp": media.rtcp = .port(try #require(UInt16(parts[1])))
            case "rtcp-full": media.rtcp = .full(try #require(UInt16(parts[1])))
            case "mux": media.rtcpMux = true
            case "mid": media.generatedMID = parts[1]
            case "protocol": media.transportProtocol = parts[1]
            default:
                media.direction = MediaDirection(rawValue: word)
                #expect(media.direction != nil, "unknown word \(word)")
            }
        }
        return media
    }
}

/// Octets as text, for failure messages.
func text(_ octets: [UInt8]) -> String { String(decoding: octets, as: UTF8.self) }

/// Octets cut at line feeds, carriage returns kept; the part behind the last line feed counts as a line.
func lines(of octets: [UInt8]) -> [String] {
    octets.split(separator: 0x0A, omittingEmptySubsequences: false).map {
        String(decoding: $0, as: UTF8.self)
    }
}
