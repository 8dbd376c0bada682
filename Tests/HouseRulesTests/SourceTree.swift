import Foundation
import Testing

/// One source file of the project.
struct SourceFile: Sendable, CustomTestStringConvertible {
    /// Relative to the top of the package: `Sources/WireFormat/IPAddress.swift`.
    let path: String
    /// Its text.
    let text: String

    var testDescription: String { self.path }

    /// Its lines, without comments and without what stands between quotation marks, so that words in prose do not count.
    var codeLines: [String] {
        var result: [String] = []
        var isInsideText = false
        for line in self.text.split(separator: "\n", omittingEmptySubsequences: false) {
            let hasMark = line.contains("\"\"\"")
            result.append(isInsideText || hasMark ? "" : Self.code(of: line))
            // A mark twice on one line opens and closes.
            if hasMark, line.components(separatedBy: "\"\"\"").count == 2 { isInsideText.toggle() }
        }
        return result
    }

    /// The module: the folder below `Sources` or `Tests`.
    var module: Substring {
        let parts = self.path.split(separator: "/")
        return parts.count > 2 ? parts[1] : ""
    }

    private static func code(of line: Substring) -> String {
        var code = ""
        var isQuoted = false
        var previous: Character = " "
        for character in line {
            let isMark = character == "\"" && previous != "\\"
            if isMark { isQuoted.toggle() }
            if !isQuoted, character == "/", previous == "/" {
                code.removeLast()
                break
            }
            if !isQuoted || isMark { code.append(character) }
            previous = previous == "\\" && character == "\\" ? " " : character
        }
        return code
    }
}

/// The project's files, found from where this file was compiled.
enum SourceTree {
    /// All Swift files below `Sources`.
    static let sources = files(below: "Sources", suffix: ".swift")
    /// All Swift files below `Tests`.
    static let tests = files(below: "Tests", suffix: ".swift")
    /// The C files.
    static let shims = files(below: "CShims", suffix: ".c") + files(below: "CShims", suffix: ".h")

    private static let top = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    private static func files(below folder: String, suffix: String) -> [SourceFile] {
        let start = self.top.appending(path: folder).resolvingSymlinksInPath()
        guard let walk = FileManager.default.enumerator(atPath: start.path) else { return [] }
        return walk.compactMap { $0 as? String }.filter { $0.hasSuffix(suffix) }.sorted().compactMap { path in
            guard let text = try? String(contentsOf: start.appending(path: path), encoding: .utf8) else {
                return nil
            }
            return SourceFile(path: "\(folder)/\(path)", text: text)
        }
    }
}
