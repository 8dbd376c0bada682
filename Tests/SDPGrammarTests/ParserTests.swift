import SDPGrammar
import Testing
import WireFormat

/// A short description; the parameters replace its parts.
func offer(
    origin: String = "- 1 2 IN IP4 192.0.2.1", connection: String = "c=IN IP4 192.0.2.1\r\n",
    media: String = "m=audio 4000 RTP/AVP 0\r\n"
) -> String {
    "v=0\r\no=\(origin)\r\ns=-\r\n\(connection)t=0 0\r\n\(media)"
}

@Suite struct ParserTests {
    @Test func theFieldsOfADescriptionAreRead() throws {
        let session = try SessionDescription(
            parsing: offer(
                origin: "alice 2890844526 2890842807 IN IP6 host.example.net",
                media:
                    "m=video 49170/2 RTP/AVPF 31 96\r\nc=IN IP6 2001:db8::1\r\nb=AS:1\r\na=sendonly\r\na=x:1:2\r\n"
            ))
        #expect(
            session.origin
                == Origin(
                    username: "alice", sessionID: "2890844526", version: "2890842807", family: .ipv6,
                    host: "host.example.net"))
        #expect(session.sessionName == "-")
        #expect(
            session.connection
                == Connection(family: .ipv4, host: "192.0.2.1", address: IPAddress("192.0.2.1")))
        #expect(session.otherLines == [Line(type: "t", value: "0 0")])
        let section = try #require(session.media.first)
        #expect(session.media.count == 1)
        #expect(section.kind == "video")
        #expect(section.port == 49170)
        #expect(section.portCount == 2)
        #expect(section.transportProtocol == "RTP/AVPF")
        #expect(section.formats == ["31", "96"])
        #expect(section.connections.map(\.host) == ["2001:db8::1"])
        #expect(section.otherLines == [Line(type: "b", value: "AS:1")])
        #expect(section.attributes == [Attribute("sendonly"), Attribute("x", "1:2")])
        #expect(session.lineEnd == "\r\n")
    }

    @Test(arguments: [
        ("\r\n", "\r\n"), ("\n", "\n"), ("\r\r\n", "\r\n"), ("\n\n", "\n"), ("\r\n\r\n", "\r\n"),
    ])
    func everyLineEndIsAccepted(written: String, kept: String) throws {
        let lines = [
            "v=0", "o=- 1 2 IN IP4 192.0.2.1", "s=-", "c=IN IP4 192.0.2.1", "t=0 0", "m=audio 1 RTP/AVP 0",
        ]
        let session = try SessionDescription(parsing: lines.joined(separator: written))
        #expect(text(session.serialized()) == lines.map { $0 + kept }.joined())
        #expect(session.lineEnd == kept)
    }

    @Test func mixedLineEndsFollowTheFirst() throws {
        let session = try SessionDescription(parsing: "v=0\no=- 1 2 IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\n\r\n\n")
        #expect(text(session.serialized()) == "v=0\no=- 1 2 IN IP4 192.0.2.1\ns=-\nt=0 0\n")
    }

    @Test(arguments: [
        ("- 1 2 IN IP4 x", "-", "1"), ("Mr Bean 1 2 IN IP4 x", "Mr Bean", "1"), (" 1 2 IN IP4 x", "", "1"),
        ("a  1   2 IN IP4 x", "a", "1"), ("- -77 2 IN IP4 x", "-", "-77"),
        ("- 99999999999999999999999 2 IN IP4 x", "-", "99999999999999999999999"),
    ])
    func carelessOriginsAreRead(origin: String, username: String, sessionID: String) throws {
        let session = try SessionDescription(parsing: offer(origin: origin))
        #expect(session.origin.username == username)
        #expect(session.origin.sessionID == sessionID)
    }

    @Test(arguments: [
        ("IN IP4 192.0.2.1", "192.0.2.1"), ("IN IP4 0.0.0.0", "0.0.0.0"), ("IN IP6 ::", "::"),
        ("IN IP4 224.2.36.42/127", "224.2.36.42"), ("IN IP4 224.2.1.1/127/3", "224.2.1.1"),
        ("IN IP6 FF15::101/3", "ff15::101"), ("IN  IP4\t192.0.2.1 ", "192.0.2.1"),
        ("IN IP4 media.example.net", nil), ("IN IP4 localhost", nil),
    ])
    func connectionsAreRead(value: String, address: String?) throws {
        let session = try SessionDescription(parsing: offer(connection: "c=\(value)\r\n"))
        let connection = try #require(session.connection)
        #expect(connection.address?.description == address)
        #expect(value.contains(connection.host))
    }

    @Test func linesOfTheSessionBehindMediaGoToTheSession() throws {
        let session = try SessionDescription(
            parsing: "v=0\no=- 1 2 IN IP4 192.0.2.1\nm=audio 1 RTP/AVP 0\nt=0 0\nx=y\ni=info\n")
        #expect(session.otherLines == [Line(type: "t", value: "0 0")])
        #expect(
            session.media.first?.otherLines == [Line(type: "x", value: "y"), Line(type: "i", value: "info")])
    }

    @Test(arguments: [
        ("m=audio 0 RTP/AVP", 0, []), ("m=image 4000 udptl t38", 4000, ["t38"]),
        ("m=application 9 UDP/BFCP *", 9, ["*"]), ("m=audio 65535 RTP/AVP 8  0 ", 65535, ["8", "0"]),
        ("m=message 2855 TCP/MSRP *", 2855, ["*"]),
    ])
    func mediaLinesAreRead(line: String, port: Int, formats: [String]) throws {
        let session = try SessionDescription(parsing: offer(media: line + "\r\n"))
        let section = try #require(session.media.first)
        #expect(Int(section.port) == port)
        #expect(section.formats == formats)
    }
}
