import ControlProtocols
import Testing

@Suite("JSON")
struct JSONTests {
    private func decode(_ text: String) throws -> NGValue { try JSON.decode(Array(text.utf8)[...]) }

    private static let values: [(String, NGValue)] = [
        (#" {"command" : "ping" } "#, ["command": "ping"]),
        ("[]", .list([])),
        ("{}", [:]),
        ("[1,-2, 0 ,\t\"x\"]", .list([1, -2, 0, "x"])),
        ("[true,false,null]", .list([1, 0])),
        (#"{"a":null,"b":1}"#, ["b": 1]),
        ("[1.0,1e3,-2.50E+1,1200e-2,0e-5,-0,0.0e99]", .list([1, 1000, -25, 12, 0, 0, "0.0e99"])),
        ("[0.5,1e300,-0.000450,1e-1]", .list(["0.5", "1e300", "-0.000450", "1e-1"])),
        (
            "[1e99999999999999999999,1e-99999999999999999999]",
            .list(["1e99999999999999999999", "1e-99999999999999999999"])
        ),
        ("[9223372036854775807]", .list([.integer(.max)])),
        ("[9223372036854775808]", .list(["9223372036854775808"])),
        (#"["\"\\\/\b\f\n\r\t\u0041"]"#, .list(["\"\\/\u{8}\u{C}\n\r\tA"])),
        (#"["\u00fc\uD83D\uDE00ü😀"]"#, .list(["ü😀ü😀"])),
        (#"{"a":1,"a":2}"#, ["a": 2]),
    ]

    @Test("reads values", arguments: Self.values)
    func readsValues(text: String, value: NGValue) throws {
        #expect(try self.decode(text) == value)
    }

    @Test(
        "refuses what RFC 8259 does not allow",
        arguments: [
            "", " ", "{", "[", "[1", "[1,", "[1,]", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,}", "{a:1}",
            "{'a':1}",
            "{\"a\" 1}", "[01]", "[-]", "[1.]", "[.5]", "[1e]", "[+1]", "[0x1]", "[NaN]", "[tru]", "[nul]",
            "null",
            "\"a", "\"\\\"", "\"\\x\"", "\"\\u12\"", "\"\\u12g4\"", "\"\\uD800\"", "\"\\uD800\\u0041\"",
            "\"\\uDC00\"",
            "\"a\nb\"", "\"a\u{0}b\"", "[1] 2", "{}}", "[1 2]", "//x\n[]",
        ])
    func refusesInvalid(text: String) {
        #expect(throws: NGSyntaxError.self) { try self.decode(text) }
    }

    @Test(
        "refuses octets that are not UTF-8", arguments: [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF5]])
    func refusesInvalidUTF8(octets: [UInt8]) {
        let document = [UInt8(ascii: "\"")] + octets + [UInt8(ascii: "\"")]
        #expect(throws: NGSyntaxError(reason: .invalidUTF8, offset: 0)) { try JSON.decode(document[...]) }
    }

    @Test("stops at the limits of depth, number and size")
    func stopsAtLimits() {
        let limits = NGDecodingLimits(depth: 2, values: 4, octets: 20)
        #expect(throws: Never.self) { try JSON.decode(Array("[[1,2]]".utf8)[...], limits: limits) }
        #expect(throws: NGSyntaxError(reason: .tooDeep, offset: 2)) {
            try JSON.decode(Array("[[[1]]]".utf8)[...], limits: limits)
        }
        #expect(throws: NGSyntaxError(reason: .tooManyValues, offset: 7)) {
            try JSON.decode(Array("[1,2,3,4]".utf8)[...], limits: limits)
        }
        #expect(throws: NGSyntaxError(reason: .tooLong, offset: 20)) {
            try JSON.decode(Array("[                   1]".utf8)[...], limits: limits)
        }
    }

    @Test("writes compact text that it reads back")
    func writesAndReadsBack() throws {
        let value: NGValue = [
            "text": "quotes \" and \\ and \r\n\t\u{8}\u{C}\u{1}\u{1F} ü 😀", "number": -5,
            "list": .list([1, "two", .list([])]), "empty": [:],
        ]
        let encoded = JSON.encode(value)
        #expect(!encoded.contains { $0 < 0x20 })
        #expect(try JSON.decode(encoded[...]) == value)
        #expect(
            String(decoding: JSON.encode(["a": .list([1, "\u{1}/"]), "b": [:]]), as: UTF8.self)
                == #"{"a":[1,"\u0001/"],"b":{}}"#)
    }

    @Test("replaces octets that are not UTF-8 when writing")
    func replacesInvalidOctets() {
        #expect(JSON.encode(.string([0x61, 0xFF])) == Array("\"a\u{FFFD}\"".utf8))
    }
}
