import Foundation
import Testing

@testable import RelayDaemon

/// The text of a fixture.
func fixture(_ path: String) throws -> String {
    let url = try #require(Bundle.module.url(forResource: "Fixtures/\(path)", withExtension: nil))
    return try String(contentsOf: url, encoding: .utf8)
}

/// A loader that sees the given files only.
func loader(files: [String: String] = [:], userID: UInt32 = 0) -> ConfigurationLoader {
    ConfigurationLoader(
        readFile: { path throws(ConfigurationError) in files[path] }, userID: userID, runtimeDirectory: nil)
}

/// The configuration of a command line without files, `-f` given.
func configuration(_ arguments: String...) throws -> DaemonConfiguration {
    try loader().load(arguments: ["-f"] + arguments).configuration
}
