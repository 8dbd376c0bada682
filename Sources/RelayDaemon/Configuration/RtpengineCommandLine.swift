/// A command line without the options that only rtpengine has.
///
/// rtpengine's command lines have to work unchanged, and its other options must not clutter our help: they are taken
/// out before the parser sees them.
struct RtpengineCommandLine: Equatable {
    /// What is left for the parser.
    private(set) var arguments: [String] = []
    /// A warning for each option that was taken out and is not obeyed.
    private(set) var notes: [ConfigurationNote] = []

    /// Takes the foreign options and their values out of the arguments (without the program's name).
    init(_ arguments: [String]) {
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            if argument == "--" {
                self.arguments.append(argument)
                self.arguments += rest
                break
            } else if argument.hasPrefix("--") {
                self.takeLong(argument, rest: &rest)
            } else if argument.hasPrefix("-"), argument.count > 1 {
                self.takeShorts(argument.dropFirst(), rest: &rest)
            } else {
                self.arguments.append(argument)
            }
        }
    }

    private mutating func takeLong(_ argument: String, rest: inout ArraySlice<String>) {
        let equals = argument.firstIndex(of: "=")
        let name = String(argument[..<(equals ?? argument.endIndex)].dropFirst(2))
        if let option = RtpengineOptions.byName[name] {
            if option.takesValue, equals == nil { _ = rest.popFirst() }
            self.note(option)
            return
        }
        self.arguments.append(argument)
        // The value of an option of ours may look like an option: it must not be taken for one.
        let takesValue =
            name == "config-file" || OptionName(rawValue: name).map { $0.arity != .flag } ?? false
        if takesValue, equals == nil, let value = rest.popFirst() { self.arguments.append(value) }
    }

    /// A cluster such as `-fE`, a letter with its value such as `-m30000`, or both.
    private mutating func takeShorts(_ cluster: Substring, rest: inout ArraySlice<String>) {
        var kept = ""
        var letters = cluster
        while let letter = letters.popFirst() {
            if let option = RtpengineOptions.byShort[letter] {
                self.note(option)
                guard option.takesValue else { continue }
                if letters.isEmpty { _ = rest.popFirst() }
                break
            }
            if letter == "v" {
                self.arguments.append("--version")
                continue
            }
            let own = OptionName.allCases.first { $0.short == letter }
            if let own, own.arity != .flag {
                self.keep(flags: kept)
                self.arguments.append("-\(letter)\(letters)")
                if letters.isEmpty, let value = rest.popFirst() { self.arguments.append(value) }
                return
            }
            kept.append(letter)
        }
        self.keep(flags: kept)
    }

    private mutating func keep(flags: String) {
        if !flags.isEmpty { self.arguments.append("-\(flags)") }
    }

    private mutating func note(_ option: RtpengineOption) {
        guard !option.isInherent else { return }
        self.notes.append(
            .warning(
                "option --\(option.name) of rtpengine is not supported and has no effect"
                    + RtpengineOptions.advice(for: option.name)))
    }
}
