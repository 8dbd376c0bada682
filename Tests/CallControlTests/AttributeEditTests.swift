import CallControl
import ControlProtocols
import SDPGrammar
import Testing

/// `sdp-attr` and header extensions.
@Suite struct AttributeEditTests {
    let calls: CallHarness

    init() throws { self.calls = try CallHarness() }

    private static let sdp = audio(
        "198.51.100.1", 4000, extra: ["a=test:one two", "a=test:three", "a=testing"],
        more: ["m=video 4002 RTP/AVP 96", "a=rtpmap:96 VP8/90000", "a=test:one two", "m=audio 0 RTP/AVP 0"]
    ).replacing("t=0 0\r\n", with: "t=0 0\r\na=test:one two\r\na=tool:x\r\n")

    private func edited(_ edits: SDPAttributeEdit...) throws -> HandedOut {
        try self.calls.offer(sdp: Self.sdp) { $0.attributeEdits = edits }
    }

    /// The lines between one `m=` and the next; 0 is the session.
    private static func part(_ index: Int, of sdp: HandedOut) -> [String] {
        var parts: [[String]] = [[]]
        for line in sdp.lines {
            if line.hasPrefix("m=") { parts.append([]) }
            parts[parts.count - 1].append(line)
        }
        return parts.indices.contains(index) ? parts[index].filter { $0.hasPrefix("a=") } : []
    }

    @Test func additionsStandLastInTheirScope() throws {
        let offer = try self.edited(
            SDPAttributeEdit(.session, .add("s:1")), SDPAttributeEdit(.media("audio"), .add("m:1")),
            SDPAttributeEdit(.media("audio"), .add("m:2")))
        #expect(Self.part(0, of: offer) == ["a=test:one two", "a=tool:x", "a=s:1"])
        #expect(Self.part(1, of: offer).suffix(2) == ["a=m:1", "a=m:2"])
        #expect(Self.part(2, of: offer).allSatisfy { !$0.hasPrefix("a=m:") })
        // A refused section has nothing to be edited.
        #expect(Self.part(3, of: offer).isEmpty)
    }

    @Test func whatIsThereIsNotAddedAgain() throws {
        let offer = try self.edited(
            SDPAttributeEdit(.media("video"), .add("test:one two")),
            SDPAttributeEdit(.media("video"), .add("sendrecv")))
        #expect(Self.part(2, of: offer).count { $0 == "a=test:one two" } == 1)
        #expect(Self.part(2, of: offer).count { $0 == "a=sendrecv" } == 1)
    }

    @Test(
        "a pattern is a name, a name and a word, or a whole line",
        arguments: [
            ("test", ["a=testing"]), ("test:one", ["a=test:three", "a=testing"]),
            ("test:one two", ["a=test:three", "a=testing"]),
            ("test:three", ["a=test:one two", "a=testing"]),
            ("test:thr", ["a=test:one two", "a=test:three", "a=testing"]),
            ("tes", ["a=test:one two", "a=test:three", "a=testing"]),
            ("testing", ["a=test:one two", "a=test:three"]),
        ])
    func removal(pattern: String, left: [String]) throws {
        let offer = try self.edited(SDPAttributeEdit(.media("audio"), .remove(pattern)))
        #expect(Self.part(1, of: offer).filter { $0.hasPrefix("a=test") } == left)
        #expect(Self.part(0, of: offer).contains("a=test:one two"))
        #expect(Self.part(2, of: offer).contains("a=test:one two"))
    }

    @Test func everywhereIsTheSessionAndAllSections() throws {
        let offer = try self.edited(SDPAttributeEdit(.everywhere, .remove("test")))
        #expect(offer.lines("a=test") == ["a=testing"])
    }

    @Test func substitutionKeepsThePlace() throws {
        let offer = try self.edited(
            SDPAttributeEdit(.media("audio"), .substitute(from: "test:three", to: "other")),
            SDPAttributeEdit(.media("audio"), .substitute(from: "sendrecv", to: "sendonly")),
            SDPAttributeEdit(.session, .substitute(from: "nothing", to: "something")))
        let lines = Self.part(1, of: offer)
        #expect(lines.contains("a=sendonly") && !lines.contains("a=sendrecv"))
        #expect(lines.firstIndex(of: "a=other") == lines.firstIndex(of: "a=test:one two").map { $0 + 1 })
        #expect(!offer.text.contains("something"))
    }

    @Test func editsAreDoneInTheOrderOfTheRequest() throws {
        let offer = try self.edited(
            SDPAttributeEdit(.session, .add("x")),
            SDPAttributeEdit(.session, .substitute(from: "x", to: "y")),
            SDPAttributeEdit(.session, .add("x")), SDPAttributeEdit(.session, .remove("y")))
        #expect(Self.part(0, of: offer).last == "a=x")
    }

    @Test(arguments: [
        "", "x\r\nm=video 1 RTP/AVP 0", "x\ry", "x\ny", "x\0y", "x\u{7F}",
        String(repeating: "x", count: 5000),
    ])
    func textsThatAreNotOneLineAreLeftOut(text: String) throws {
        let plain = try self.calls.offer(call: "c2", sdp: Self.sdp)
        for operation in [
            SDPAttributeEdit.Operation.add(text), .substitute(from: "tool", to: text), .remove(text),
        ] {
            let offer = try self.calls.offer(sdp: Self.sdp) {
                $0.attributeEdits = [SDPAttributeEdit(.everywhere, operation)]
            }
            #expect(offer.lines.count == plain.lines.count)
            #expect(self.calls.warnings.count == 1)
        }
    }

    @Test func editsAreBounded() throws {
        let edits = (0..<200).map { SDPAttributeEdit(.session, .add("n:\($0)")) }
        let offer = try self.calls.offer(sdp: Self.sdp) { $0.attributeEdits = edits }
        #expect(offer.lines("a=n:").count == CallLimits.attributeEdits)
        #expect(self.calls.warnings.count == 1)
    }

    @Test func anSDPThatWouldBeTooLongIsNotEdited() throws {
        let long = (0..<20).map { "\($0)" + String(repeating: "x", count: 4000) }
        let offer = try self.calls.offer(sdp: Self.sdp) {
            $0.attributeEdits = long.map { SDPAttributeEdit(.session, .add($0)) }
        }
        #expect(offer.lines("a=0x").isEmpty && self.calls.warnings.count == 1)
        let many = (0..<1020).map { "a=y:\($0)" }
        let full = audio("198.51.100.1", 4000, extra: many)
        let second = try self.calls.offer(call: "c2", sdp: full) {
            $0.attributeEdits = (0..<9).map { SDPAttributeEdit(.media("audio"), .add("z:\($0)")) }
        }
        #expect(second.lines("a=z").isEmpty && self.calls.warnings.count == 1)
    }

    @Test func anEditIsAChangeOfTheDescription() throws {
        let versions = try [[], ["x"], ["x"], ["y"]].map { added in
            try self.calls.offer(sdp: Self.sdp) {
                $0.replacesSDPVersion = true
                $0.attributeEdits = added.map { SDPAttributeEdit(.session, .add($0)) }
            }.lines("o=").first?.split(separator: " ").dropFirst(2).first
        }
        #expect(versions == ["2", "3", "3", "4"])
    }

    // MARK: Header extensions

    private static let extended = audio(
        "198.51.100.1", 4000,
        extra: [
            "a=extmap:1 urn:a", "a=extmap:2/sendonly urn:b x=y", "a=extmap-allow-mixed", "a=extmap:3",
        ]
    ).replacing("t=0 0\r\n", with: "t=0 0\r\na=extmap:4 urn:a\r\n")

    @Test(
        arguments: [
            (false, [], 5), (true, [], 0), (false, ["urn:a"], 3), (false, ["urn:b"], 4),
            (false, ["urn:c"], 5),
            (true, ["urn:a"], 0),
        ] as [(Bool, Set<String>, Int)])
    func headerExtensionsAreStripped(all: Bool, uris: Set<String>, left: Int) throws {
        let offer = try self.calls.offer(sdp: Self.extended) {
            $0.headerExtensions.stripsAll = all
            $0.headerExtensions.strip = uris
        }
        #expect(offer.lines("a=extmap").count == left)
        for uri in uris { #expect(!offer.text.contains(uri + "\r")) }
    }
}
