import RTPPackets
import Testing

@Suite struct RTCPCompoundTests {
    /// SR with one block, SDES and a padded BYE, written octet by octet.
    static let compound = octets(
        """
        81C8000C 11111111 E8F60000 80000000 00000320 00000002 00000140
                 22222222 40FFFFFE 00012345 00000050 F6008000 00018000
        81CA0003 11111111 01036162 63000000
        A1CB0002 11111111 00000004
        """)

    @Test func everyFieldOfASenderReportIsRead() throws {
        let bytes = Self.compound
        var compound = try RTCPCompound(bytes.span.bytes, allowingReducedSize: false)
        let packetCount = compound.packetCount
        #expect(packetCount == 3)
        let first = compound.nextPacket()
        let senderReport = first?.senderReport
        let report = try #require(senderReport)
        #expect(report.ssrc == 0x1111_1111)
        #expect(report.ntpTimestamp == 0xE8F6_0000_8000_0000)
        #expect(report.ntpMiddle == 0x0000_8000)
        #expect(report.rtpTimestamp == 800)
        #expect(report.packetCount == 2)
        #expect(report.octetCount == 320)
        let blockCount = first?.reportBlockCount
        #expect(blockCount == 1)
        let firstBlock = first?.reportBlock(at: 0)
        let block = try #require(firstBlock)
        #expect(block.ssrc == 0x2222_2222)
        #expect(block.fractionLost == 64)
        #expect(block.cumulativeLost == -2)
        #expect(block.highestExtended == 0x1_2345)
        #expect(block.jitter == 80)
        #expect(block.lastSenderReport == 0xF600_8000)
        #expect(block.delaySinceLastSenderReport == 0x1_8000)
        let beyond = [1, -1, Int.max, Int.min].map { first?.reportBlock(at: $0) }
        #expect(beyond == [nil, nil, nil, nil])
    }

    @Test func packetsComeInOrderWithoutTheirPadding() throws {
        let bytes = Self.compound
        var compound = try RTCPCompound(bytes.span.bytes)
        var found: [(UInt8, Int, Int, UInt32?)] = []
        while let packet = compound.nextPacket() {
            found.append((packet.packetType, packet.count, packet.bytes.byteCount, packet.senderSSRC))
        }
        #expect(found.map(\.0) == [200, 202, 203])
        #expect(found.map(\.1) == [1, 1, 1])
        #expect(found.map(\.2) == [52, 16, 8])
        #expect(found.map(\.3) == [0x1111_1111, nil, nil])
        let isAtEnd = compound.nextPacket() == nil
        #expect(isAtEnd)
    }

    @Test func theLargestLossesKeepTheirSign() throws {
        for lost in [Int32(0x7F_FFFF), -0x80_0000, -1, 0, 1] {
            let bytes = RTCPBuilder.receiverReport(
                ssrc: 1, blocks: [RTCPBuilder.Block(ssrc: 2, fractionLost: 0xFF, cumulativeLost: lost)])
            var compound = try RTCPCompound(bytes.span.bytes)
            let packet = compound.nextPacket()
            let block = packet?.reportBlock(at: 0)
            let senderReport = packet?.senderReport
            #expect(block?.cumulativeLost == lost)
            #expect(block?.fractionLost == 255)
            #expect(senderReport == nil)
        }
    }

    @Test(arguments: [
        ("80C90001 00000001", 1), ("80C80006 00000001 0000000000000000 00000000 00000000 00000000", 1),
        // Profile-specific extension after the blocks.
        ("80C90003 00000001 00000002 00000003", 1),
        ("80C90001 00000001 80CA0000", 2), ("80C90001 00000001 80CB0000", 2),
        ("80C90001 00000001 81CB0003 00000001 03627965 00000000", 2),
        ("80C90001 00000001 80CC0002 00000001 4E414D45", 2),
        // Generic NACK, PLI, an XR block, and a type that has no name.
        ("81CD0003 00000001 00000002 00050001", 1), ("81CE0002 00000001 00000002", 1),
        ("80CF0004 00000001 04000002 00000000 00000000", 1), ("80C00000", 1), ("80DF0000", 1),
        ("A0C90002 00000001 00000004", 1),
    ])
    func wellFormedPacketsAreRead(text: String, packets: Int) throws {
        let bytes = octets(text)
        var compound = try RTCPCompound(bytes.span.bytes)
        let packetCount = compound.packetCount
        #expect(packetCount == packets)
        var found = 0
        while compound.nextPacket() != nil { found += 1 }
        #expect(found == packets)
    }

    @Test(
        arguments: [
            ("", .truncatedHeader), ("80", .truncatedHeader), ("80C900", .truncatedHeader),
            ("80C90001 00000001 80", .truncatedHeader), ("80C90001 00000001 80CA00", .truncatedHeader),
            ("00C90001 00000001", .unknownVersion), ("C0C90001 00000001", .unknownVersion),
            ("80C90001 00000001 40CA0000", .unknownVersion),
            ("80BF0001 00000001", .unknownPacketType), ("80E00001 00000001", .unknownPacketType),
            ("80C90001 00000001 80000000", .unknownPacketType),
            ("80C90002 00000001", .lengthBeyondDatagram), ("80C9FFFF 00000001", .lengthBeyondDatagram),
            ("80C90001 000000", .lengthBeyondDatagram),
            ("80C90000", .shorterThanItsContent), ("81C90001 00000001", .shorterThanItsContent),
            ("80C80005 00000001 0000000000000000 00000000 00000000", .shorterThanItsContent),
            ("9FC80006 00000001 0000000000000000 00000000 00000000 00000000", .shorterThanItsContent),
            ("81CA0001 00000001", .shorterThanItsContent), ("81CB0000", .shorterThanItsContent),
            ("80CC0001 00000001", .shorterThanItsContent), ("81CD0001 00000001", .shorterThanItsContent),
            ("81CE0001 00000001", .shorterThanItsContent), ("80CF0000", .shorterThanItsContent),
            ("A0C90002 00000001 00000004 80CB0000", .paddingBeforeLastPacket),
            ("A0C90001 00000001", .invalidPadding), ("A0C90001 00000000", .invalidPadding),
            ("A0C90002 00000001 00000003", .invalidPadding), ("A0C90002 00000001 0000000C", .invalidPadding),
            ("A0CB0000", .invalidPadding), ("A0C90001 00000004", .shorterThanItsContent),
            ("A1C90002 00000001 00000004", .shorterThanItsContent),
        ] as [(String, RTCPError)])
    func malformedPacketsAreRefusedWithTheirReason(text: String, expected: RTCPError) {
        #expect(Self.failure(octets(text)) == expected)
    }

    @Test(arguments: ["81CD0003 00000001 00000002 00050001", "80CA0000", "80CB0000 80C90001 00000001"])
    func reducedSizeIsRefusedWhereItIsNotAllowed(text: String) {
        #expect(Self.failure(octets(text)) == nil)
        #expect(Self.failure(octets(text), allowingReducedSize: false) == .doesNotBeginWithReport)
    }

    @Test func moreThanTheLimitOfPacketsAreRefused() {
        let one = octets("80C90001 00000001")
        let limit = RTCPCompound.maximumPackets
        #expect(Self.failure(Array(repeating: one, count: limit).flatMap { $0 }) == nil)
        #expect(Self.failure(Array(repeating: one, count: limit + 1).flatMap { $0 }) == .tooManyPackets)
    }

    @Test(arguments: [
        ("80C90001 00000001", 8), ("81CD0003 00000001 00000002 00050001", 0),
        ("80C90001 00000001 81CD0003 00000001 00000002 00050001", 8),
        ("80C90001 00000001 81CE0002 00000001 00000002 81CD0003 00000001 00000002 00050001", 8),
        // The padding goes with the feedback.
        ("80C90001 00000001 A1CE0003 00000001 00000002 00000004", 8),
        // Feedback with something behind it is out of place, and stays.
        ("80C90001 00000001 81CE0002 00000001 00000002 81CB0001 00000001", 28),
    ])
    func feedbackIsFoundAtTheEnd(text: String, kept: Int) throws {
        #expect(try RTCPCompound.byteCountBeforeFeedback(octets(text).span.bytes) == kept)
    }

    @Test func whereFeedbackBeginsInBrokenDatagramsIsNotSaid() {
        #expect(throws: RTCPError.lengthBeyondDatagram) {
            try RTCPCompound.byteCountBeforeFeedback(octets("80C90001 00000001 81CD0003").span.bytes)
        }
    }

    @Test func everyTruncationButThatBetweenPacketsIsRefused() {
        let bytes = Self.compound
        for length in 0..<bytes.count {
            let isBetweenPackets = length == 52 || length == 68
            #expect((Self.failure(Array(bytes[..<length])) == nil) == isBetweenPackets, "\(length)")
        }
    }

    @Test func noMutationIsReadBeyondItsEnd() {
        let block = RTCPBuilder.Block(ssrc: 7, jitter: 9)
        let seeds = [
            Self.compound, RTCPBuilder.receiverReport(ssrc: 1, blocks: Array(repeating: block, count: 31)),
            RTCPBuilder.senderReport(ssrc: 1, ntp: 5) + RTCPBuilder.sourceDescription(ssrc: 1),
            octets("80C90001 00000001 81CD0003 00000001 00000002 00050001 A0C90002 00000001 00000004"),
        ]
        var random = SplitMix64(seed: 0xC8)
        var accepted = 0
        for round in 0..<40_000 {
            let bytes = random.mutated(seeds[round % seeds.count])
            guard var compound = try? RTCPCompound(bytes.span.bytes) else { continue }
            accepted += 1
            let kept = try? RTCPCompound.byteCountBeforeFeedback(bytes.span.bytes)
            #expect(kept.map { $0 % 4 == 0 && (0...bytes.count).contains($0) } == true)
            var length = 0
            while let packet = compound.nextPacket() {
                length += packet.bytes.byteCount
                for index in 0..<packet.reportBlockCount where packet.reportBlock(at: index) == nil {
                    Issue.record("a block that was counted is missing")
                }
            }
            #expect(length <= bytes.count && length > bytes.count - 256)
        }
        #expect(accepted > 2000 && accepted < 40_000)
    }

    static func failure(_ bytes: [UInt8], allowingReducedSize: Bool = true) -> RTCPError? {
        do throws(RTCPError) {
            _ = try RTCPCompound(bytes.span.bytes, allowingReducedSize: allowingReducedSize)
            return nil
        } catch {
            return error
        }
    }
}
