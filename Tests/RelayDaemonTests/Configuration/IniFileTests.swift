import Testing

@testable import RelayDaemon

@Suite struct IniFileTests {
    @Test func sectionsAndEntriesAreRead() throws {
        let file = try IniFile("# c\n; c\n[a]\nx = 1\n y=2 \n\n[b]\nx=\n[a]\nx = 3\n", path: "/c")
        #expect(file.sections.map(\.name) == ["a", "b"])
        let section = try #require(file.section("a"))
        #expect(section.effective.map(\.value) == ["2", "3"])
        #expect(section.replaced.map(\.line) == [4])
        #expect(section.entry("x")?.line == 10)
        #expect(file.section("b")?.entry("x")?.value == "")
    }

    @Test(arguments: [
        ("\"a b\"", "a b"), ("'a'", "a"), ("\"a", "\"a"), ("\"a\" \"b\"", "\"a\" \"b\""), ("a # b", "a # b"),
        ("\"\"", ""), ("a=b", "a=b"),
    ])
    func aPairOfQuotesAroundAValueIsTakenOff(text: String, value: String) throws {
        let file = try IniFile("[s]\r\nkey = \(text)\r\n", path: "/c")
        #expect(file.section("s")?.entry("key")?.value == value)
    }

    @Test(arguments: [
        ("key = 1\n", "/c, line 1: \"key\" stands before any section"),
        ("[s]\n\nwords\n", "/c, line 3: expected \"name = value\""),
        ("[s\n", "/c, line 1: expected a section's name"), ("[]\n", "between the brackets"),
        ("[s] x\n", "/c, line 1"), ("[s]\n= 1\n", "/c, line 2: expected the name of an option"),
    ])
    func whatIsWrongIsNamedWithItsLine(text: String, message: String) throws {
        let error = try #require(throws: ConfigurationError.self) { try IniFile(text, path: "/c") }
        #expect(error.description.contains(message))
    }

    @Test func aHugeFileIsRefused() throws {
        let text = "[s]\n" + String(repeating: "\n", count: IniFile.mostLines)
        #expect(throws: ConfigurationError.self) { try IniFile(text, path: "/c") }
    }

    @Test(arguments: [
        ("# x\n\n[rtpengine]\n", true), ("; x\n[a]", true), ("table: 0\n[a]: b", false), ("", false),
        ("[1]: x\n", false), ("#[x]\n", false),
    ])
    func theFormatIsToldByTheFirstLineThatSaysAnything(text: String, isIni: Bool) {
        #expect(IniFile.isLikely(text) == isIni)
    }
}
