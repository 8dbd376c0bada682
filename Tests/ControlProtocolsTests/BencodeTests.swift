import ControlProtocols
import Testing

@Suite("Bencode")
struct BencodeTests {
    private func decode(_ text: String) throws -> NGValue { try Bencode.decode(Array(text.utf8)[...]) }

    private static let values: [(String, NGValue)] = [
        ("i42e", 42),
        ("i-7e", -7),
        ("i007e", 7),
        ("i-9223372036854775808e", .integer(.min)),
        ("i9223372036854775807e", .integer(.max)),
        ("0:", ""),
        ("004:ping", "ping"),
        ("le", .list([])),
        ("l1:ai1ee", .list(["a", 1])),
        ("de", [:]),
        ("d1:zi1e1:ai2ee", ["z": 1, "a": 2]),
        ("d1:ad1:bl1:ceee", ["a": ["b": .list(["c"])]]),
    ]

    @Test("reads what controllers write", arguments: Self.values)
    func readsWhatControllersWrite(text: String, value: NGValue) throws {
        #expect(try self.decode(text) == value)
    }

    @Test("keeps keys in the order in which they came, of equal ones the last value")
    func keepsKeyOrder() throws {
        let dictionary = try #require(try self.decode("d1:zi1e1:ai2e1:zi3ee").dictionary)
        #expect(dictionary.entries.map(\.key) == ["z", "a"])
        #expect(dictionary["z"] == 3)
        #expect(Bencode.encode(.dictionary(dictionary)) == Array("d1:zi3e1:ai2ee".utf8))
    }

    @Test("carries any octets in strings")
    func carriesAnyOctets() throws {
        let value = NGValue.list([.string(Array(0...255)), .string([0, 0xFF])])
        #expect(try Bencode.decode(Bencode.encode(value)[...]) == value)
    }

    @Test(
        "says what is wrong and where",
        arguments: [
            ("", NGSyntaxError.Reason.truncated, 0),
            ("d", .truncated, 1),
            ("l", .truncated, 1),
            ("i", .truncated, 1),
            ("i12", .truncated, 3),
            ("d7:command4:pi", .truncated, 12),
            ("5:abc", .truncated, 2),
            ("99999999999999999999:a", .invalidNumber, 18),
            ("9223372036854775808:a", .invalidNumber, 20),
            ("-1:a", .unexpectedOctet(UInt8(ascii: "-")), 0),
            ("d-1:a", .unexpectedOctet(UInt8(ascii: "-")), 1),
            ("i-e", .unexpectedOctet(UInt8(ascii: "e")), 2),
            ("ie", .unexpectedOctet(UInt8(ascii: "e")), 1),
            ("i9223372036854775808e", .invalidNumber, 21),
            ("di1ei2ee", .unexpectedOctet(UInt8(ascii: "i")), 1),
            ("d1:ae", .unexpectedOctet(UInt8(ascii: "e")), 4),
            ("x", .unexpectedOctet(UInt8(ascii: "x")), 0),
            ("i1ei2e", .trailingOctets, 3),
        ])
    func saysWhatIsWrong(text: String, reason: NGSyntaxError.Reason, offset: Int) {
        #expect(throws: NGSyntaxError(reason: reason, offset: offset)) { try self.decode(text) }
    }

    @Test(
        "may leave containers open at the end of a prefix, but nothing else",
        arguments: ["d", "d1:a1:b", "ld1:ai1e", "l"])
    func closesContainersAtEnd(text: String) throws {
        let octets = Array(text.utf8)
        let (value, consumed) = try Bencode.decodePrefix(of: octets[...])
        #expect(consumed == octets.count)
        #expect(throws: NGSyntaxError.self) { try Bencode.decode(octets[...]) }
        let closed = Bencode.encode(value)
        #expect(closed.starts(with: octets) && closed[octets.count...].allSatisfy { $0 == UInt8(ascii: "e") })
        #expect(throws: NGSyntaxError.self) { try Bencode.decodePrefix(of: Array("d1:a".utf8)[...]) }
        #expect(throws: NGSyntaxError.self) { try Bencode.decodePrefix(of: Array("li1".utf8)[...]) }
    }

    @Test("stops at the limits of depth, number and size")
    func stopsAtLimits() {
        let limits = NGDecodingLimits(depth: 3, values: 10, octets: 100)
        func reason(_ text: String) -> NGSyntaxError.Reason? {
            do throws(NGSyntaxError) {
                _ = try Bencode.decode(Array(text.utf8)[...], limits: limits)
                return nil
            } catch {
                return error.reason
            }
        }
        #expect(reason("llleee") == nil)
        #expect(reason("lllleeee") == .tooDeep)
        #expect(reason("d1:ad1:bd1:cd1:di1eeeee") == .tooDeep)
        #expect(reason("l" + String(repeating: "i1e", count: 9) + "e") == nil)
        #expect(reason("l" + String(repeating: "i1e", count: 10) + "e") == .tooManyValues)
        #expect(reason("97:" + String(repeating: "a", count: 97)) == nil)
        #expect(reason("98:" + String(repeating: "a", count: 98)) == .tooLong)
    }

    @Test("survives thousands of open brackets", arguments: ["d1:a", "l", "d", "[", "{\"a\":"])
    func survivesOpenBrackets(opening: String) {
        let text = String(repeating: opening, count: 60_000 / opening.utf8.count)
        #expect(throws: NGSyntaxError.self) { try Bencode.decode(Array(text.utf8)[...]) }
        #expect(throws: NGSyntaxError.self) { try JSON.decode(Array(text.utf8)[...]) }
    }

    @Test("finds keys in large dictionaries, also after one is removed")
    func findsKeysInLargeDictionaries() {
        var dictionary = NGDictionary()
        for number in 0..<100 { dictionary["key \(number)"] = .integer(Int64(number)) }
        dictionary["key 50"] = nil
        dictionary["key 51"] = "new"
        #expect(dictionary.count == 99)
        #expect(dictionary["key 50"] == nil)
        #expect(dictionary["key 51"] == "new")
        #expect((52..<100).allSatisfy { dictionary["key \($0)"] == .integer(Int64($0)) })
        for number in 10..<100 { dictionary["key \(number)"] = nil }
        #expect(dictionary.entries.map(\.key) == (0..<10).map { "key \($0)" })
        #expect(dictionary["key 9"] == 9)
    }

    @Test("lets integers and strings stand for each other")
    func convertsIntegersAndStrings() {
        #expect(NGValue.integer(184).text == "184")
        #expect(NGValue.text("-184").integer == -184)
        #expect(NGValue.text("184x").integer == nil)
        #expect(NGValue.text("").integer == nil)
        #expect(NGValue.text("00000000000000000000000000001").integer == nil)
        #expect(NGValue.string([0xFF]).text == nil)
        #expect(NGValue.list([]).text == nil)
    }
}
