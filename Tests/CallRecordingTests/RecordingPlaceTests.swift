import Testing

@testable import CallRecording

/// Where recordings go, and where they do not, whatever a controller or a caller writes.
@Suite("Places of recordings")
struct RecordingPlaceTests {
    private static let root = "/var/spool/recordings"

    private static func wishes(
        _ callID: String = "call@1.2.3.4", file: String? = nil, directory: String? = nil,
        pattern: String? = nil
    ) -> RecordingWishes {
        let time = RecordingTime(
            year: 2026, month: 1, day: 2, hour: 3, minute: 4, second: 5, microsecond: 67)
        var wishes = RecordingWishes(callID: callID, tag: "eb0379b4c55e2ce3", time: time)
        wishes.file = file
        wishes.directory = directory
        wishes.pattern = pattern
        return wishes
    }

    @Test("By default the names are rtpengine's")
    func defaults() {
        // As rtpengine 10.5 named the files of this call.
        let (place, complaints) = Self.wishes("../../ev il/é%c@1.2.3.4").place(below: Self.root)
        let name = "..%2F..%2Fev%20il%2F%C3%A9%25c%401.2.3.4-eb0379b4c55e2ce3"
        #expect(place.capturePath() == "pcaps/\(name).pcap")
        #expect(place.temporaryMetadataPath == "tmp/rtpengine-meta-\(name).tmp")
        #expect(place.metadataPath == "metadata/rtpengine-meta-\(name).txt")
        #expect(complaints.isEmpty)
    }

    @Test("A long call-id is cut between characters, and names stay within what file systems allow")
    func longCallID() {
        let (place, _) = Self.wishes(String(repeating: "/", count: 1000)).place(below: Self.root)
        #expect(place.base == String(repeating: "%2F", count: 60) + "-eb0379b4c55e2ce3")
        for path in [place.capturePath(suffix: "-eb0379b4c55e2ce3"), place.metadataPath] {
            #expect(path.split(separator: "/").allSatisfy { $0.utf8.count <= 255 })
        }
    }

    struct Wish: Sendable, CustomTestStringConvertible {
        var file: String?
        var directory: String?
        var pattern: String?
        var expected: String
        var testDescription: String { "\(self.file ?? "") \(self.directory ?? "") \(self.pattern ?? "")" }
    }

    static let obeyed: [Wish] = [
        Wish(file: "one", expected: "pcaps/one.pcap"),
        Wish(file: "one.pcap", expected: "pcaps/one.pcap"),
        Wish(file: "a//b/one", expected: "pcaps/a/b/one.pcap"),
        Wish(file: "/var/spool/recordings/x/one.pcap", expected: "x/one.pcap"),
        Wish(file: "one", directory: "customers/7", expected: "customers/7/one.pcap"),
        Wish(
            directory: "/var/spool/recordings/customers",
            expected: "customers/call%401.2.3.4-eb0379b4c55e2ce3.pcap"),
        Wish(directory: "/var/spool/recordings", expected: "call%401.2.3.4-eb0379b4c55e2ce3.pcap"),
        Wish(file: "/var/spool/recordings/one", directory: "elsewhere", expected: "one.pcap"),
        Wish(
            pattern: "%Y/%m/%d/%H%M%S.%u-%c-%t",
            expected: "pcaps/2026/01/02/030405.000067-call%401.2.3.4-mix.pcap"),
        Wish(pattern: "%2/%3/%c", expected: "pcaps/ca/ll%/call%401.2.3.4.pcap"),
        Wish(pattern: "%r%%", expected: "pcaps/eb0379b4c55e2ce3%.pcap"),
        Wish(file: "", directory: "", pattern: "", expected: "pcaps/call%401.2.3.4-eb0379b4c55e2ce3.pcap"),
    ]

    @Test("What a controller may choose, it gets", arguments: Self.obeyed)
    func allowed(_ wish: Wish) {
        let (place, complaints) = Self.wishes(
            file: wish.file, directory: wish.directory, pattern: wish.pattern
        ).place(below: Self.root)
        #expect(place.capturePath() == wish.expected)
        #expect(complaints.isEmpty)
    }

    static let refused: [Wish] =
        [
            "/etc/passwd", "../x", "a/../../x", "..", ".", "a/..", "/var/spool/recordings/../x",
            "/var/spool/recordings2/x", "/var/spool", "a/./b", "x\u{0}y", "x\ny", "..\u{301}/../x",
            "a/\u{301}../..//\u{301}/../x", String(repeating: "x", count: 201),
            String(repeating: "d/", count: 9) + "x", String(repeating: "/", count: 1025), "/",
        ].flatMap { path in
            [
                Wish(file: path, expected: ""), Wish(directory: path, expected: ""),
                Wish(pattern: path, expected: ""),
            ]
        } + [
            Wish(file: "/var/spool/recordings/tmp/x", expected: ""),
            Wish(directory: "metadata", expected: ""),
            Wish(file: "/var/spool/recordings/metadata/x", expected: ""), Wish(file: ".pcap", expected: ""),
            Wish(pattern: "%q", expected: ""), Wish(pattern: "%", expected: ""),
        ]

    @Test("What leads out of the directory is not obeyed, and said", arguments: Self.refused)
    func forbidden(_ wish: Wish) {
        let (place, complaints) = Self.wishes(
            file: wish.file, directory: wish.directory, pattern: wish.pattern
        ).place(below: Self.root)
        #expect(place.capturePath() == "pcaps/call%401.2.3.4-eb0379b4c55e2ce3.pcap")
        #expect(complaints.count == 1)
        let isPrintable = complaints.allSatisfy { $0.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F } }
        #expect(isPrintable)
    }

    @Test("A call-id cannot lead out through a pattern")
    func prefixOfDots() {
        let (place, complaints) = Self.wishes("../x", pattern: "%2/%c").place(below: Self.root)
        #expect(place.directory == ["pcaps"])
        #expect(complaints.count == 1)
    }

    @Test("Whatever octets are wished for, every part of the path is a name")
    func randomWishes() {
        var generator = SystemRandomNumberGenerator()
        let pieces = [
            "/", "..", ".", "%", "%c", "a", "\u{301}", "%2", "é", "\u{0}", "pcap", "tmp", Self.root,
        ]
        for _ in 0..<2000 {
            func text() -> String {
                (0..<Int.random(in: 0...8, using: &generator)).map { _ in pieces.randomElement() ?? "" }
                    .joined()
            }
            let (place, _) = Self.wishes(text(), file: text(), directory: text(), pattern: text())
                .place(below: Self.root)
            for path in [place.capturePath(), place.metadataPath, place.temporaryMetadataPath] {
                let octets = Array(path.utf8)
                let parts = octets.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
                #expect(
                    !parts.contains {
                        $0.isEmpty || $0.elementsEqual(".".utf8) || $0.elementsEqual("..".utf8)
                    })
                #expect(!octets.contains(0) && parts.count <= RecordingLimits.directoryDepth + 1)
            }
        }
    }
}
