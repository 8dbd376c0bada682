import CallControl
import Testing
import WireFormat

@testable import RelayDaemon

@Suite struct RtpengineFileTests {
    private func load(_ fixtureName: String, _ arguments: String...) throws -> LoadedConfiguration {
        let files = ["/r.conf": try fixture("Configuration/\(fixtureName)")]
        return try loader(files: files).load(arguments: ["-f", "--config-file=/r.conf"] + arguments)
    }

    @Test func debiansFileIsReadAsItIs() throws {
        let loaded = try self.load("rtpengine.conf")
        let configuration = loaded.configuration
        #expect(configuration.table == 0)
        #expect(configuration.mediaPorts == 30000...40000)
        #expect(configuration.listenNG == [ListenSpecification(host: .name("localhost"), port: 2223)])
        #expect(configuration.interfaces.count == 1)
        let warned = loaded.notes.filter { note in
            if case .warning(let text) = note { text.hasPrefix("/r.conf, line ") } else { false }
        }
        #expect(warned.count == loaded.notes.count, "only options that are not obeyed are spoken of")
    }

    @Test func anotherSectionCanBeChosen() throws {
        let configuration = try self.load("rtpengine.conf", "--config-section", "rtpengine-testing")
            .configuration
        #expect(configuration.table == -1)
        #expect(configuration.logLevel == .debug)
        #expect(configuration.listenNG == [ListenSpecification(host: .any, port: 2223)])
    }

    @Test func aMissingSectionIsAnErrorThatNamesTheOthers() throws {
        let error = try #require(throws: ConfigurationError.self) {
            try self.load("rtpengine.conf", "--config-section=other")
        }
        #expect(error.description.contains("[rtpengine], [rtpengine-testing]"))
    }

    @Test func theCommandLineGoesBeforeTheFile() throws {
        #expect(try self.load("rtpengine.conf", "-t", "-1").configuration.table == -1)
    }

    @Test func interfacesHaveSectionsOfTheirOwn() throws {
        let loaded = try self.load("interfaces.conf")
        let host = HostAddresses(local: [], lookUp: { _ in [] })
        let resolved = try loaded.configuration.resolveInterfaces(host).interfaces
        #expect(resolved.interfaces.map(\.name) == ["pub:1", "pub:2", "public"])
        #expect(resolved.aliases == ["world": "public"])
        let addresses = resolved.interfaces.flatMap(\.addresses)
        #expect(addresses.map(\.ports) == [20000...20999, 21000...21999, 30000...40000])
        #expect(addresses.first?.advertised == IPAddress("203.0.113.1"))
        #expect(addresses.first?.excludedPorts.count == 11)
        #expect(loaded.configuration.mediaRanges == [20000...20999, 21000...21999, 30000...40000])
    }

    @Test func listsSwitchesQuotesAndTemplatesAreRead() throws {
        let loaded = try self.load("interfaces.conf")
        let configuration = loaded.configuration
        #expect(configuration.listenNG.count == 2)
        #expect(configuration.noFallback && configuration.usesSIPSourceAddress)
        #expect(configuration.callMark.prefix == "<<")
        #expect(configuration.loadLimits.loadAverage == 4.5)
        #expect(configuration.timeout == .seconds(45), "the last value counts")
        #expect(configuration.templates["plain"] == "replace-origin")
        #expect(configuration.templates["webrtc"]?.contains("\"UDP/TLS/RTP/SAVPF\"") == true)
        #expect(
            loaded.notes == [
                .warning(
                    "/r.conf, line 11: \"timeout\" comes again further down, and that one counts; a list is written"
                        + " in one line with \";\" between"),
                .warning(
                    "[interface-public] in /r.conf, line 30: unknown key \"colour\" of an interface has no effect"
                ),
            ])
    }

    @Test(arguments: [
        ("interfaces-config = x", "beginning of sections"), ("templates = t", "name of a section"),
        ("interfaces-config = i\n[i-a]\nport-min = 1", "needs an address"),
        ("interfaces-config = i\n[i-a]\naddress = 192.0.2.1\nport-min = 0", "port-min in /c, line 5"),
        ("interfaces-config = i\n[i-a]\naddress = 192.0.2.1\nport-max = 20", "leave no room"),
        ("interfaces-config = i\n[i-a]\naddress = 192.0.2.1\nexclude-ports = 9-", "expected ports such as"),
        ("interfaces-config = i\n[i-a]\nalias = b", "alias"), ("tos = 900", "tos in /c, line 2"),
        ("max-cpu = 101", "from 0 to 100"), ("log-format = x", "default or parsable"),
    ])
    func whatCannotBeUsedIsAnErrorWithItsPlace(text: String, message: String) throws {
        let error = try #require(throws: ConfigurationError.self) {
            try loader(files: ["/c": "[rtpengine]\n\(text)\n"]).load(arguments: ["--config-file=/c"])
        }
        #expect(error.description.contains(message), "\(error)")
    }

    @Test func theYAMLFileHasTheSame() throws {
        let yaml = """
            interface:
              - priv/10.0.0.1
              - name: pub
                address: 192.0.2.1
                port-min: 20000
                port-max: 20999
                exclude-ports: [20010, 20012]
            templates:
              plain: replace-origin
            """
        let configuration = try loader(files: ["/c.yaml": yaml]).load(arguments: ["--config-file=/c.yaml"])
            .configuration
        #expect(configuration.interfaces.count == 2)
        #expect(configuration.mediaRanges == [30000...40000, 20000...20999])
        #expect(configuration.templates == ["plain": "replace-origin"])
    }

    @Test func everyOptionOfRtpengineIsKnown() throws {
        // The long names that `rtpengine --help` of 10.5 prints.
        let names = try fixture("Configuration/rtpengine-options.txt").split(separator: "\n").map(String.init)
        #expect(names.count > 150)
        let others: Set = ["help", "version", "config-file", "config-section"]
        for name in names where !others.contains(name) {
            let isKnown =
                OptionName(rawValue: name) != nil || RtpengineOptions.byName[name] != nil
                || RtpengineOptions.errands[name] != nil
            #expect(isKnown, "--\(name)")
        }
    }

    @Test(arguments: ["--codecs", "--nftables-start", "--nftables-stop"])
    func optionsThatDoOneThingAndEndStopTheStart(option: String) {
        #expect(throws: ConfigurationError.self) { try configuration(option) }
    }

    @Test func anUnknownOptionStopsTheStart() {
        #expect(throws: (any Error).self) { try configuration("--no-such-option") }
    }

    @Test func tablesHaveNamesOfTheirOwn() throws {
        #expect(try configuration("--table=0").tableName == "crosspoint")
        #expect(try configuration("-t", "3").tableName == "crosspoint3")
    }
}
