import Foundation
import Testing

/// One request and its reply as a fixture file tells them; the head of `Fixtures/rtpengine-26.3.txt` explains the format.
struct RecordedExchange: Sendable {
    /// A line of the reply, and who says it.
    struct Line: Sendable {
        enum Speaker: Character, Sendable {
            case both = " "
            case recorded = "-"
            case ours = "+"
        }

        let speaker: Speaker
        let text: String
    }

    let title: String
    /// What the request is about, beyond the title.
    var remark = ""
    /// The request as recorded.
    var request = ""
    /// The name of its SDP.
    var sdp: String?
    /// Why the relay answers otherwise.
    var reason: String?
    var lines: [Line] = []

    /// The reply of the recorded program.
    var recordedReply: [String] { self.lines.filter { $0.speaker != .ours }.map(\.text) }
    /// The reply the relay must give.
    var expectedReply: [String] { self.lines.filter { $0.speaker != .recorded }.map(\.text) }
    /// True if both are the same.
    var isEqual: Bool { self.lines.allSatisfy { $0.speaker == .both } }
}

/// A fixture file.
struct Transcript: Sendable {
    var exchanges: [RecordedExchange] = []
    /// The SDPs of requests by their names, with CRLF at the end of each line.
    var descriptions: [String: String] = [:]

    init(_ name: String) throws {
        let folder = try #require(Bundle.module.resourceURL).appendingPathComponent("Fixtures")
        let text = try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
        var description: String?
        for line in text.split(separator: "\n") {
            if line.hasPrefix("=== ") {
                description = nil
                self.exchanges.append(RecordedExchange(title: String(line.dropFirst(4))))
            } else if line.hasPrefix("--- ") {
                description = line.dropFirst(4).split(separator: ":").first.map(String.init)
            } else if let name = description {
                self.descriptions[name, default: ""] += line + "\r\n"
            } else if !self.exchanges.isEmpty {
                try self.exchanges[self.exchanges.count - 1].read(line)
            }
        }
    }
}

extension RecordedExchange {
    fileprivate mutating func read(_ line: Substring) throws {
        let rest = String(line.dropFirst())
        switch line.first {
        case "#": self.remark = rest.trimmingCharacters(in: .whitespaces)
        case ">": self.request = rest.trimmingCharacters(in: .whitespaces)
        case "s" where self.lines.isEmpty: self.sdp = String(line.dropFirst(4))
        case "~": self.reason = rest.trimmingCharacters(in: .whitespaces)
        default:
            let speaker = try #require(
                line.first.flatMap { Line.Speaker(rawValue: $0) }, "\(self.title): \(line)")
            self.lines.append(Line(speaker: speaker, text: rest))
        }
    }
}
