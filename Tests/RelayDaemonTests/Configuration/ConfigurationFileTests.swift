import Testing
import WireFormat

@testable import RelayDaemon

@Suite struct ConfigurationFileTests {
    @Test func everyKeyOfTheFileIsObeyed() throws {
        let files = ["/c.yaml": try fixture("Configuration/full.yaml")]
        let loaded = try loader(files: files).load(arguments: ["--config-file=/c.yaml"])
        let commandLine = try configuration(
            "-F", "-i", "pub/192.0.2.10!203.0.113.5", "-i", "priv/10.0.0.1", "-i", "pub/2001:db8::10", "-i",
            "world=pub", "-n", "127.0.0.1:2223", "-n", "[::1]:2224", "-m", "20000", "-M", "29999", "-T", "0",
            "-o", "90", "-s", "1800", "-a", "7200", "--offer-timeout=240", "-d", "0",
            "--endpoint-learning=immediate", "--sip-source", "--max-sessions=500", "--num-threads=3", "-E",
            "-L", "7", "--log-facility=local3", "-p", "/run/crosspoint.pid",
            "--control-socket=/run/other.sock")
        #expect(loaded.configuration == commandLine)
        #expect(loaded.notes == [])
    }

    @Test func theCommandLineGoesBeforeTheFile() throws {
        let files = [
            ConfigurationLoader.defaultFile: "table: -1\nport-min: 20000\ninterface: [192.0.2.1, 192.0.2.2]\n"
        ]
        let configuration = try loader(files: files).load(arguments: ["-t0", "-i", "192.0.2.3"]).configuration
        #expect(configuration.table == 0)
        #expect(configuration.mediaPorts == 20000...40000)
        #expect(configuration.interfaces.count == 1, "a list is replaced as a whole")
    }

    @Test func noneMeansNoFile() throws {
        let files = [ConfigurationLoader.defaultFile: "table: -1", "none": "table: -1"]
        let configuration = try loader(files: files).load(arguments: ["--config-file=none"]).configuration
        #expect(configuration.table == 0)
    }

    @Test func foreignAndUnknownKeysAreWarnedOfWithTheirLine() throws {
        let file = try ConfigurationFile(try fixture("Configuration/foreign.yaml"), path: "/c.yaml")
        #expect(file.settings.value(of: .table)?.text == "-1")
        #expect(
            file.notes == [
                .warning("/c.yaml, line 2: option \"redis\" of rtpengine is not supported and has no effect"),
                .warning(
                    "/c.yaml, line 4: option \"graphite\" of rtpengine is not supported and has no effect"
                ),
                .warning("/c.yaml, line 6: unknown option \"tabel\" has no effect"),
            ])
    }

    @Test func aWrongValueIsNamedWithFileAndLine() throws {
        let files = ["/c.yaml": "\n\ntos: high\n"]
        let error = try #require(throws: ConfigurationError.self) {
            try loader(files: files).load(arguments: ["--config-file", "/c.yaml"])
        }
        #expect(
            error.description
                == "tos in /c.yaml, line 3: \"high\" is not valid; expected a whole number from 0 to 255")
    }

    @Test(arguments: [
        ("table: 0\ntable: 1\n", "duplicated"), ("- table\n", "name: value"),
        ("table: [0, 1]\n", "one value"),
        ("interface: {a: b}\n", "list of texts"), ("table: 'x\n", "not YAML"),
        ("[1]: x\n", "before the colon"),
        ("table\n", "name: value"), ("no-fallback: perhaps\n", "true or false"),
    ])
    func aBrokenFileIsRefusedWithTheReason(text: String, reason: String) throws {
        let error = try #require(throws: ConfigurationError.self) {
            try loader(files: ["/c": text]).load(arguments: ["--config-file=/c"])
        }
        #expect(error.description.contains("/c"))
        #expect(error.description.contains(reason))
    }

    @Test func rtpenginesOwnFormatIsRecognised() throws {
        let text = try fixture("Configuration/rtpengine.conf")
        let error = try #require(throws: ConfigurationError.self) { try ConfigurationFile(text, path: "/c") }
        #expect(error.description.contains("rtpengine's own file"))
    }

    @Test(arguments: ["", "# nothing\n", "\n\n"])
    func anEmptyFileSetsNothing(text: String) throws {
        #expect(try ConfigurationFile(text, path: "/c").settings == OptionSettings())
    }
}
