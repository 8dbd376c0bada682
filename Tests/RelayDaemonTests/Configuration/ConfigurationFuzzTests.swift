import Testing

@testable import RelayDaemon

/// SplitMix64: the same seed gives the same inputs.
private struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = self.state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }

    /// One to four octets of the seed replaced, removed, doubled or inserted.
    mutating func mutation(of seed: String) -> String {
        let alphabet = Array("[]:/!;=-.,{}&*'\"#% \t\n\r0a\\\u{0}".utf8) + [0xFF, 0xC3]
        var bytes = Array(seed.utf8)
        for _ in 0..<Int.random(in: 1...4, using: &self) {
            let place = Int.random(in: 0...bytes.count, using: &self)
            let octet = alphabet.randomElement(using: &self) ?? 0
            switch Int.random(in: 0..<4, using: &self) {
            case 0 where place < bytes.count: bytes[place] = octet
            case 1 where place < bytes.count: bytes.remove(at: place)
            case 2 where place < bytes.count: bytes.insert(bytes[place], at: place)
            default: bytes.insert(octet, at: place)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

@Suite struct ConfigurationFuzzTests {
    @Test func noAddressTextTraps() {
        var generator = SeededGenerator(state: 1)
        let seeds = [
            "pub:1/192.0.2.1!203.0.113.1", "a/[2001:db8::1]", "x=pub", "[::1]:2223", "host:1", "2223", "",
        ]
        var accepted = 0
        for round in 0..<20000 {
            let text = generator.mutation(of: seeds[round % seeds.count])
            if (try? InterfaceSpecification(text)) != nil { accepted += 1 }
            if let listener = ListenSpecification(text) { #expect(listener.port > 0) }
        }
        #expect(accepted > 100, "mutations that are still valid are among them")
    }

    @Test func noCommandLineTraps() {
        var generator = SeededGenerator(state: 2)
        let seeds = [
            "-fEt", "--redis", "-rx", "--table=-1", "-1", "-i", "--", "-", "--config-file", "-m2000",
        ]
        for _ in 0..<5000 {
            let count = Int.random(in: 0...5, using: &generator)
            let arguments = (0..<count).map { _ in
                generator.mutation(of: seeds.randomElement(using: &generator) ?? "")
            }
            let commandLine = RtpengineCommandLine(arguments)
            // A cluster may be split into letters and its value, never into more.
            #expect(commandLine.arguments.count <= arguments.reduce(0) { $0 + max(1, $1.count) })
        }
    }

    @Test func noFileTraps() throws {
        var generator = SeededGenerator(state: 3)
        let seeds = [
            try fixture("Configuration/full.yaml"), try fixture("Configuration/foreign.yaml"),
            "a: &a [x, x]\ninterface: *a\n", "table: !!int 5\n? interface\n: |\n  x\n",
        ]
        for round in 0..<1500 {
            let text = generator.mutation(of: seeds[round % seeds.count])
            do {
                let file = try ConfigurationFile(text, path: "/c")
                _ = try DaemonConfiguration(file.settings, defaultControlSocket: "/s")
            } catch {
                #expect(!"\(error)".isEmpty)
            }
        }
    }

    @Test func noIniFileTraps() throws {
        var generator = SeededGenerator(state: 4)
        let seeds = [try fixture("Configuration/interfaces.conf"), "[rtpengine]\ntable = 0\n"]
        var accepted = 0
        for round in 0..<2000 {
            let text = generator.mutation(of: seeds[round % seeds.count])
            guard let file = try? RtpengineFile(text, path: "/c") else { continue }
            if (try? DaemonConfiguration(file.settings, defaultControlSocket: "/s")) != nil { accepted += 1 }
        }
        #expect(accepted > 100, "mutations that are still valid are among them")
    }
}
