import Testing

@testable import ControlProtocols
@testable import RelayDaemon

@Suite struct MigrationGuideTests {
    /// The rows of the table of options: the long name, the letter, what is done with it, the remark.
    private func rows() throws -> [String: (short: Character?, state: String, remark: String)] {
        let text = try Document.text("Docs/migration.md")
        let row = /\| `([a-z0-9-]+)`(?:, `-(.)`)? \| (done|nothing to do|warned|refused) \| (.*) \|/
        var rows: [String: (Character?, String, String)] = [:]
        for line in text.split(separator: "\n") {
            guard let match = line.wholeMatch(of: row) else { continue }
            let short = match.2?.first
            let isFirst =
                rows.updateValue((short, String(match.3), String(match.4)), forKey: String(match.1)) == nil
            #expect(isFirst, "twice: \(match.1)")
        }
        return rows
    }

    @Test func everyOptionOfRtpengineIsInTheTableWithItsConsequence() throws {
        let rows = try self.rows()
        for option in RtpengineOptions.all {
            let row = rows[option.name]
            #expect(row?.state == (option.isInherent ? "nothing to do" : "warned"), "\(option.name)")
            #expect(row?.short == option.short, "\(option.name)")
            if let consequence = option.consequence { #expect(row?.remark == consequence, "\(option.name)") }
        }
        for (name, reason) in RtpengineOptions.errands {
            #expect(rows[name]?.state == "refused", "\(name)")
            #expect(rows[name]?.remark == reason, "\(name)")
        }
    }

    @Test func everyOptionThatIsObeyedIsInATable() throws {
        let rows = try self.rows()
        let text = try Document.text("Docs/migration.md")
        let ours = try #require(text.split(separator: "Only Crosspoint has:", maxSplits: 1).last)
        for name in OptionName.allCases {
            if let row = rows[name.rawValue] {
                #expect(row.state == "done", "\(name.rawValue)")
                #expect(row.short == name.short, "\(name.rawValue)")
            } else {
                #expect(ours.contains("\n| `\(name.rawValue)` |"), "\(name.rawValue)")
            }
        }
        let known =
            RtpengineOptions.all.map(\.name) + RtpengineOptions.errands.keys
            + OptionName.allCases.map(\.rawValue)
            + ["help", "version", "config-file", "config-section"]
        #expect(Set(rows.keys).subtracting(known).sorted() == [], "in the table, but no option")
    }

    @Test func everyOptionIsInTheTableOfOptions() throws {
        let text = try Document.text("Docs/options.md")
        for name in OptionName.allCases {
            let isThere =
                text.contains("`--\(name.rawValue)`")
                || name.rawValue.hasPrefix("log-level-")
                    && text.contains("`-\(name.rawValue.dropFirst("log-level-".count))`")
            #expect(isThere, "\(name.rawValue)")
        }
    }

    @Test func everyKeyAndFlagIsMentioned() throws {
        let names = Document.names(in: try Document.text("Docs/migration.md"))
        let keys =
            NGVocabulary.obeyedKeys.map(\.0) + NGVocabulary.acceptedKeys
            + NGVocabulary.unsupportedKeys.flatMap(\.1)
        let flags =
            NGVocabulary.obeyedFlags.map(\.0) + NGVocabulary.acceptedFlags
            + NGVocabulary.unsupportedFlags.flatMap(\.1)
        let commands = NGVocabulary.absentCommands
        let all = Set(keys + flags).subtracting(["command"]).union(commands)
        #expect(all.subtracting(names).sorted() == [])
    }

    @Test func whatHappensInsteadIsSaidInTheLogsWords() throws {
        let text = try Document.text("Docs/migration.md")
        for (consequence, names) in NGVocabulary.unsupportedKeys + NGVocabulary.unsupportedFlags {
            let row = text.split(separator: "\n").first { line in
                names.allSatisfy { line.contains("`\($0)`") } && line.contains("| \(consequence.rawValue) |")
            }
            #expect(row != nil, "\(names)")
        }
    }
}
