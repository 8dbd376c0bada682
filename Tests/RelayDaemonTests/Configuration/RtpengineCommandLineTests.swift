import Testing

@testable import RelayDaemon

@Suite struct RtpengineCommandLineTests {
    @Test(arguments: [
        (["--redis=127.0.0.1:6379/1", "-E"], ["-E"], 1),
        (["--redis", "127.0.0.1:6379/1", "-E"], ["-E"], 1),
        (["-r", "x", "-w", "y", "-q", "-f"], ["-f"], 3),
        (["-rx", "-fqE"], ["-fE"], 2),
        (["-fr", "x", "-E"], ["-f", "-E"], 1),
        (["-qm", "2000"], ["-m", "2000"], 1),
        (["-fm2000"], ["-f", "-m2000"], 0),
        (["--poller-per-thread", "--table", "-1"], ["--table", "-1"], 1),
        (["--pidfile", "--redis", "-E"], ["--pidfile", "--redis", "-E"], 0),
        (["--config-file", "none", "-l", "9900"], ["--config-file", "none"], 1),
        (["--no-log-timestamps", "--split-logs"], [], 0),
        (["--", "--redis"], ["--", "--redis"], 0),
        (["--redis"], [], 1),
        (["-"], ["-"], 0),
    ])
    func foreignOptionsLeaveWithTheirValues(arguments: [String], kept: [String], warnings: Int) {
        let commandLine = RtpengineCommandLine(arguments)
        #expect(commandLine.arguments == kept)
        #expect(commandLine.notes.count == warnings)
    }

    @Test func theCommandLineOfDebiansUnitIsAccepted() throws {
        let loaded = try loader(files: ["/etc/x.yaml": "table: -1"]).load(arguments: [
            "-f", "-E", "--no-log-timestamps", "--pidfile", "/run/rtpengine.pid", "--config-file",
            "/etc/x.yaml",
            "--listen-cli=127.0.0.1:9900", "-N", "2225", "--listen-http", "[::1]:2226", "--listen-https=2227",
        ])
        let configuration = loaded.configuration
        #expect(configuration.pidFile == "/run/rtpengine.pid")
        #expect(configuration.listenCLI == [ListenSpecification("127.0.0.1:9900")])
        #expect(configuration.listenTCPNG == [ListenSpecification("2225")])
        #expect(configuration.listenHTTP == [ListenSpecification("[::1]:2226")])
        #expect(
            loaded.notes == [
                .warning(
                    "option --listen-https of rtpengine is not supported and has no effect;"
                        + " put a reverse proxy that speaks TLS in front of listen-http")
            ])
    }

    @Test func noOptionIsBothOursAndForeign() {
        for option in OptionName.allCases {
            #expect(RtpengineOptions.byName[option.rawValue] == nil)
            if let short = option.short { #expect(RtpengineOptions.byShort[short] == nil) }
        }
        #expect(RtpengineOptions.byName.count == RtpengineOptions.all.count, "no name is there twice")
    }
}
