import ArgumentParser
import ControlVocabulary

/// A configuration and what there is to say about it.
struct LoadedConfiguration: Equatable, Sendable {
    /// To be obeyed.
    var configuration: DaemonConfiguration
    /// To be logged once the log is open.
    var notes: [ConfigurationNote]
}

/// Joins command line, file and defaults; reads the file through a closure, so that tests need none.
struct ConfigurationLoader {
    /// Read if no `--config-file` is given and it exists.
    static let defaultFile = "/etc/crosspoint/crosspoint.yaml"

    /// The text of a file, nil if there is none; throws if it cannot be read.
    var readFile: (String) throws(ConfigurationError) -> String?
    /// The user the daemon runs as.
    var userID: UInt32
    /// `XDG_RUNTIME_DIR`.
    var runtimeDirectory: String?

    /// Reads the arguments (without the program's name) and the file they name.
    ///
    /// Throws a ``ConfigurationError``, or ArgumentParser's error for a wrong command line, `--help` and `--version`;
    /// `DaemonOptions.exit(withError:)` prints any of them as it should be and ends the process with the right status.
    func load(arguments: [String]) throws -> LoadedConfiguration {
        let commandLine = RtpengineCommandLine(arguments)
        let options = try DaemonOptions.parse(commandLine.arguments)
        let file = try self.file(named: options.process.configFile)
        let settings = options.settings.merged(over: file?.settings ?? OptionSettings())
        let socket = ControlSocketPath.standard(userID: self.userID, runtimeDirectory: self.runtimeDirectory)
        let configuration = try DaemonConfiguration(settings, defaultControlSocket: socket)
        return LoadedConfiguration(
            configuration: configuration,
            notes: commandLine.notes + (file?.notes ?? []) + Self.notes(on: configuration))
    }

    private func file(named name: String?) throws(ConfigurationError) -> ConfigurationFile? {
        if name == "none" { return nil }
        let path = name ?? Self.defaultFile
        guard let text = try self.readFile(path) else {
            guard name == nil else {
                throw ConfigurationError(
                    "--config-file: there is no file \"\(path)\"; expected the path of a YAML file, or \"none\""
                )
            }
            return nil
        }
        return try ConfigurationFile(text, path: path)
    }

    private static func notes(on configuration: DaemonConfiguration) -> [ConfigurationNote] {
        var notes: [ConfigurationNote] = []
        if !configuration.foreground {
            notes.append(
                .notice("staying in the foreground: crosspointd never puts itself into the background"))
        }
        if configuration.noFallback, !configuration.usesKernelPath {
            notes.append(
                .warning(
                    "no-fallback has no effect, since table=\(configuration.table) switches the kernel path off"
                ))
        }
        for listener in configuration.listenNG where configuration.mediaPorts.contains(listener.port) {
            notes.append(
                .warning(
                    "listen-ng port \(listener.port) lies within the media ports"
                        + " \(configuration.mediaPorts.lowerBound) to \(configuration.mediaPorts.upperBound);"
                        + " a call that is given this port will fail"))
        }
        return notes
    }
}
