import ArgumentParser
import Testing
import WireFormat

@testable import RelayDaemon

@Suite struct CommandLineTests {
    @Test func anEmptyCommandLineIsTheEmbeddedDefaults() throws {
        let loaded = try loader().load(arguments: [])
        var expected = DaemonConfiguration()
        expected.controlSocket = "/run/crosspoint/control.sock"
        #expect(loaded.configuration == expected)
        #expect(expected.usesKernelPath)
        #expect(expected.mediaPorts == 30000...40000)
        #expect(expected.trafficClass == 184)
        #expect(expected.timeout == .seconds(60) && expected.silentTimeout == .seconds(3600))
        #expect(expected.offerTimeout == .seconds(3600) && expected.deleteDelay == .seconds(30))
        #expect(expected.finalTimeout == nil)
        #expect(expected.listenNG == [ListenSpecification("127.0.0.1:2223")])
        #expect(loaded.notes.count == 1, "only that it stays in the foreground")
    }

    @Test(arguments: [["--table=-1"], ["--table", "-1"], ["-t", "-1"], ["-t-1"], ["-t=-1"]])
    func theKernelPathIsSwitchedOffInEverySpelling(arguments: [String]) throws {
        let configuration = try loader().load(arguments: arguments).configuration
        #expect(configuration.table == -1)
        #expect(!configuration.usesKernelPath)
    }

    @Test func everyShortOptionOfRtpengineHasItsMeaning() throws {
        let short = try configuration(
            "-t", "1", "-F", "-i", "a/192.0.2.1", "-n", "2223", "-T", "46", "-o", "1", "-s", "2", "-a", "3",
            "-d", "4", "-p", "/p", "-m", "1000", "-M", "2000", "-L", "7", "-E")
        let long = try configuration(
            "--table=1", "--no-fallback", "--interface=a/192.0.2.1", "--listen-ng=2223", "--tos=46",
            "--timeout=1", "--silent-timeout=2", "--final-timeout=3", "--delete-delay=4", "--pidfile=/p",
            "--port-min=1000", "--port-max=2000", "--log-level=7", "--log-stderr", "--foreground")
        let joined = try configuration(
            "-FEt1", "-ia/192.0.2.1", "-n2223", "-T46", "-o1", "-s2", "-a3", "-d4", "-p/p", "-m1000",
            "-M2000", "-L7")
        #expect(short == long)
        #expect(short == joined)
        #expect(short.noFallback && short.foreground && short.logsToStandardError)
        #expect(short.finalTimeout == .seconds(3))
        #expect(short.logLevel == .debug)
    }

    @Test func anInterfaceAndAListenerMayBeRepeatedAndJoined() throws {
        let configuration = try configuration(
            "-i", "pub/192.0.2.1!203.0.113.1;priv/10.0.0.1", "--interface", "2001:db8::1", "-n", "2223", "-n",
            "[::1]:2224")
        #expect(configuration.interfaces.count == 3)
        #expect(
            configuration.listenNG == [
                ListenSpecification(host: .any, port: 2223),
                ListenSpecification(host: .address(IPAddress(ipv6High: 0, low: 1)), port: 2224),
            ])
    }

    @Test(arguments: [
        (["--frobnicate"], "frobnicate"), (["--tabel=0"], "tabel"), (["-Z"], "-Z"),
        (["192.0.2.1"], "192.0.2.1"),
        (["--table"], "table"),
    ])
    func aWrongCommandLineIsRefusedByName(arguments: [String], culprit: String) throws {
        let error = try #require(throws: (any Error).self) { try loader().load(arguments: arguments) }
        #expect(DaemonOptions.exitCode(for: error) != .success)
        #expect(DaemonOptions.fullMessage(for: error).contains(culprit))
    }

    @Test(arguments: [
        (["-m", "x"], "--port-min", "1 to 65535"), (["--tos=256"], "--tos", "0 to 255"),
        (["-L", "loud"], "--log-level", "debug"), (["--log-facility=mail"], "--log-facility", "local0"),
        (["-n", "127.0.0.1:0"], "--listen-ng", "HOST:PORT"),
        (["-n", "::1:2223"], "--listen-ng", "[IPV6]:PORT"),
        (["-i", "pub/"], "--interface", "no address"),
        (["-i", "a/192.0.2.1!x"], "--interface", "advertised"),
        (["-i", "b=a"], "--interface", "before"),
        (["-i", "a/192.0.2.1;a=a"], "--interface", "no interface has"),
        (["--endpoint-learning=sometimes"], "--endpoint-learning", "heuristic"),
        (["-m", "2000", "-M", "2000"], "port-max", "even port"),
        (["-m", "2001", "-M", "2002"], "port-max", "even"),
        (["-d", "-1"], "--delete-delay", "from 0"), (["--num-threads=0"], "--num-threads", "from 1"),
        (["--userspace-engine=select"], "--userspace-engine", "auto, io_uring, epoll"),
        (["-p", ""], "--pidfile", "path"), (["--config-file=/nowhere"], "--config-file", "none"),
    ])
    func aWrongValueIsNamedTogetherWithWhatWouldBeRight(
        arguments: [String], option: String, expectation: String
    ) throws {
        let error = try #require(throws: ConfigurationError.self) { try loader().load(arguments: arguments) }
        #expect(error.description.contains(option))
        #expect(error.description.contains(expectation))
        #expect(DaemonOptions.exitCode(for: error) == .failure)
        #expect(DaemonOptions.fullMessage(for: error).contains(error.description))
    }

    @Test func aTimeoutOfZeroMeansTheDefault() throws {
        let configuration = try configuration("-o", "0", "-s", "-1", "-a", "0", "--offer-timeout=0")
        #expect(configuration.timeout == .seconds(60))
        #expect(configuration.silentTimeout == .seconds(3600))
        #expect(configuration.offerTimeout == .seconds(3600))
        #expect(configuration.finalTimeout == nil)
    }

    @Test func unlimitedAndNoSessionsAreToldApart() throws {
        #expect(try configuration("--max-sessions=-1").maxSessions == nil)
        #expect(try configuration("--max-sessions", "0").maxSessions == 0)
    }

    @Test func theControlSocketCanBeMovedAndSwitchedOff() throws {
        #expect(try configuration("--control-socket=none").controlSocket == nil)
        #expect(try configuration("--control-socket=/x").controlSocket == "/x")
        #expect(try configuration("--control-socket=/x").insistsOnControlSocket)
        #expect(try !configuration().insistsOnControlSocket)
        #expect(
            try loader(userID: 1000).load(arguments: []).configuration.controlSocket
                == "/tmp/crosspoint-1000/control.sock")
    }

    @Test func theHelpHasEveryOptionUnderBothItsNames() {
        let help = DaemonOptions.helpMessage(columns: 100)
        for option in OptionName.allCases {
            #expect(help.contains("--\(option.rawValue)"))
            if let short = option.short { #expect(help.contains("-\(short)")) }
        }
    }

    @Test(arguments: [["--version"], ["-v"]])
    func theVersionIsPrintedWithStatusZero(arguments: [String]) throws {
        let error = try #require(throws: (any Error).self) { try loader().load(arguments: arguments) }
        #expect(DaemonOptions.exitCode(for: error) == .success)
        #expect(DaemonOptions.fullMessage(for: error).contains(CrosspointVersion.text))
    }
}
