import SDPGrammar
import Testing

@Suite struct ParserErrorTests {
    @Test(arguments: [
        ("", 0, "there is no v=0 line"),
        ("\r\n\r\n", 0, "there is no v=0 line"),
        ("hello", 1, "not of the form TYPE=VALUE"),
        ("garbage sdp\r\n", 1, "not of the form TYPE=VALUE"),
        ("o=- 1 2 IN IP4 192.0.2.1\r\nv=0\r\n", 1, "the first line is not v=0"),
        ("\r\nv=1\r\n", 2, "the version is not 0"),
        ("v=\r\n", 1, "the version is not 0"),
        ("v=0\r\n", 0, "there is no o= line"),
        ("v=0\r\nv=0\r\n", 2, "a second v= line"),
        ("v=0\r\ns=-\r\nt=0 0\r\nm=audio 1 RTP/AVP 0\r\n", 0, "there is no o= line"),
        ("v=0\r\no=\r\n", 2, "o= is not USERNAME ID VERSION NETTYPE ADDRTYPE ADDRESS"),
        ("v=0\r\no=- 1 IN IP4\r\n", 2, "o= is not USERNAME ID VERSION NETTYPE ADDRTYPE ADDRESS"),
        ("v=0\r\no=- 1 2 XX IP4 h\r\n", 2, "o=: the network type is not IN"),
        ("v=0\r\no=- 1 2 IN IP5 h\r\n", 2, "o=: the address type is neither IP4 nor IP6"),
        ("v=0\r\no=- 1 2 IN IP4 h\r\no=- 1 2 IN IP4 h\r\n", 3, "a second o= line"),
        ("v=0\r\ns=-\r\ns=-\r\n", 3, "a second s= line"),
        (offer() + "o=- 1 2 IN IP4 h\r\n", 7, "a second o= line"),
        ("v=0\nm=audio 1 RTP/AVP 0\no=- 1 2 IN IP4 h\n", 3, "o= follows an m= line"),
        ("v=0\nm=audio 1 RTP/AVP 0\ns=x\n", 3, "s= follows an m= line"),
        (offer(connection: "c=\r\n"), 4, "c=: not NETTYPE ADDRTYPE ADDRESS"),
        (offer(connection: "c=IN IP4 192.0.2.1 x\r\n"), 4, "c=: not NETTYPE ADDRTYPE ADDRESS"),
        (offer(connection: "c=TN RFC2543 +1\r\n"), 4, "c=: the network type is not IN"),
        (offer(connection: "c=IN E164 1\r\n"), 4, "c=: the address type is neither IP4 nor IP6"),
        (offer(connection: "c=IN IP4 10.0.0.256\r\n"), 4, "c=: neither an address nor a host name"),
        (offer(connection: "c=IN IP4 a;b\r\n"), 4, "c=: neither an address nor a host name"),
        (offer(connection: "c=IN IP6 ::1%eth0\r\n"), 4, "c=: neither an address nor a host name"),
        (offer(connection: "c=IN IP4 /127\r\n"), 4, "c=: neither an address nor a host name"),
        (offer(connection: "c=IN IP4 2001:db8::1\r\n"), 4, "c=: the address is not of the family IP4"),
        (offer(connection: "c=IN IP6 192.0.2.1\r\n"), 4, "c=: the address is not of the family IP6"),
        (
            offer(connection: "c=IN IP4 224.0.0.1/x\r\n"), 4,
            "c=: what follows the slash is not a TTL or a number of addresses"
        ),
        (
            offer(connection: "c=IN IP4 224.0.0.1/1/2/3\r\n"), 4,
            "c=: what follows the slash is not a TTL or a number of addresses"
        ),
        (
            offer(connection: "c=IN IP4 1.1.1.1\r\nc=IN IP4 1.1.1.2\r\n"), 5,
            "a second c= line at session level"
        ),
        (offer(media: "m=\r\n"), 6, "m= is not MEDIA PORT PROTO FORMAT …"),
        (offer(media: "m=audio 4000\r\n"), 6, "m= is not MEDIA PORT PROTO FORMAT …"),
        (offer(media: "m=audio 4000 RTP/AVP\r\n"), 6, "m= lists no format"),
        (offer(media: "m=audio 65536 RTP/AVP 0\r\n"), 6, "the port of m= is not a number from 0 to 65535"),
        (offer(media: "m=audio -1 RTP/AVP 0\r\n"), 6, "the port of m= is not a number from 0 to 65535"),
        (offer(media: "m=audio x RTP/AVP 0\r\n"), 6, "the port of m= is not a number from 0 to 65535"),
        (offer(media: "m=audio /2 RTP/AVP 0\r\n"), 6, "the port of m= is not a number from 0 to 65535"),
        (
            offer(media: "m=audio 99999999999999999999 RTP/AVP 0\r\n"), 6,
            "the port of m= is not a number from 0 to 65535"
        ),
        (
            offer(media: "m=audio 4000/0 RTP/AVP 0\r\n"), 6,
            "the number of ports of m= is not a number from 1 to 65535"
        ),
        (
            offer(media: "m=audio 4000/ RTP/AVP 0\r\n"), 6,
            "the number of ports of m= is not a number from 1 to 65535"
        ),
        (offer() + "a\r\n", 7, "not of the form TYPE=VALUE"),
        (offer() + "=x\r\n", 7, "not of the form TYPE=VALUE"),
        (offer() + " a=x\r\n", 7, "not of the form TYPE=VALUE"),
        (offer() + "1=x\r\n", 7, "not of the form TYPE=VALUE"),
        (offer() + "aa=x\r\n", 7, "not of the form TYPE=VALUE"),
        (offer() + "a=x\rc=IN IP4 192.0.2.66\r\n", 7, "the line holds a carriage return"),
        (offer() + "\ra=x\r\n", 7, "the line holds a carriage return"),
        (offer() + "a=x\0y\r\n", 7, "the line holds a NUL octet"),
    ])
    func whatIsWrongIsNamedWithItsLine(input: String, line: Int, reason: String) {
        #expect(throws: SDPError(line: line, reason: reason)) {
            try SessionDescription(parsing: input)
        }
    }

    @Test func anErrorCountsBlankLines() {
        #expect(throws: SDPError(line: 5, reason: "the version is not 0")) {
            try SessionDescription(parsing: "\n\r\n\n\nv=2\n")
        }
    }
}

@Suite struct LimitTests {
    @Test func aDescriptionAtTheLimitsIsRead() throws {
        let attributes = String(repeating: "a=x\n", count: SDPLimits.attributesPerSection)
        let formats = (0..<SDPLimits.formatsPerSection).map { " \($0)" }.joined()
        let sections = String(repeating: "m=audio 1 RTP/AVP 0\n", count: SDPLimits.mediaSections - 2)
        let session = try SessionDescription(
            parsing: offer() + attributes + "m=audio 1 RTP/AVP" + formats + "\n" + attributes + sections)
        #expect(session.media.count == SDPLimits.mediaSections)
        #expect(session.media[1].formats.count == SDPLimits.formatsPerSection)
        #expect(session.media[0].attributes.count == SDPLimits.attributesPerSection)
    }

    @Test(arguments: [
        (String(repeating: "\n", count: SDPLimits.lines + 1), SDPLimits.lines + 1, "more than 4096 lines"),
        (
            offer() + String(repeating: "a=x\n", count: SDPLimits.attributesPerSection + 1),
            SDPLimits.attributesPerSection + 7, "more than 1024 attributes in one section"
        ),
        (
            "v=0\n" + String(repeating: "a=x\n", count: SDPLimits.attributesPerSection + 1),
            SDPLimits.attributesPerSection + 2, "more than 1024 attributes in one section"
        ),
        (
            offer() + String(repeating: "m=audio 1 RTP/AVP 0\n", count: SDPLimits.mediaSections),
            SDPLimits.mediaSections + 6, "more than 64 media sections"
        ),
        (
            offer(
                media: "m=audio 1 RTP/AVP" + String(repeating: " 0", count: SDPLimits.formatsPerSection + 1)),
            6, "m= lists more than 256 formats"
        ),
        (
            offer() + "a=" + String(repeating: "x", count: SDPLimits.octets), 0, "longer than 65536 octets"
        ),
    ])
    func goingBeyondALimitIsAnError(input: String, line: Int, reason: String) {
        #expect(throws: SDPError(line: line, reason: reason)) {
            try SessionDescription(parsing: input)
        }
    }
}

@Suite struct CompletenessTests {
    @Test(arguments: [
        (offer(media: ""), 0, "there is no m= line"),
        (offer(connection: ""), 5, "m=audio has no c= line and neither has the session"),
        (
            offer(
                connection: "",
                media: "a=x\r\nm=audio 1 RTP/AVP 0\r\nc=IN IP4 192.0.2.1\r\na=y\r\nm=video 2 RTP/AVP 34\r\n"),
            9, "m=video has no c= line and neither has the session"
        ),
    ])
    func whatIsMissingIsNamed(input: String, line: Int, reason: String) throws {
        let session = try SessionDescription(parsing: input)
        #expect(throws: SDPError(line: line, reason: reason, isIncomplete: true)) {
            try session.checkCompleteness()
        }
    }

    @Test(arguments: [
        offer(), offer(connection: "", media: "m=audio 0 RTP/AVP 0\r\n"),
        offer(connection: "", media: "m=audio 4000 RTP/AVP 0\r\nc=IN IP4 192.0.2.1\r\n"),
        offer(connection: "c=IN IP4 media.example.net\r\n"),
    ])
    func aCompleteDescriptionPasses(input: String) throws {
        try SessionDescription(parsing: input).checkCompleteness()
    }
}
