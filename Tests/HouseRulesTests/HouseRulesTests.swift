import Testing

/// What a review would say again and again, said by a machine.
@Suite struct HouseRulesTests {
    /// Modules that neither do I/O nor read a clock.
    private static let pureModules: Set<Substring> = [
        "WireFormat", "SDPGrammar", "RTPPackets", "NATRules", "ControlProtocols", "RelayPlanning",
        "CallControl", "CallRecording",
    ]

    /// What a pure module must not import: I/O, clocks, threads, locks.
    private static let impureImports: Set<String> = [
        "Foundation", "FoundationEssentials", "Glibc", "Musl", "Dispatch", "Synchronization", "CLinux",
    ]

    /// Files that may say `@unchecked Sendable`, each because it shows in a comment why it is true.
    private static let uncheckedSendable: Set<String> = [
        "Sources/UserspaceForwarding/Packets/PortTable+Moving.swift",
        "Sources/UserspaceForwarding/Statistics/PortCounters.swift",
        "Sources/UserspaceForwarding/Statistics/WorkerTotals.swift",
        "Sources/UserspaceForwarding/Recording/RecordingTap.swift",
    ]

    @Test func theFilesAreFound() {
        #expect(SourceTree.sources.count > 10)
        #expect(SourceTree.tests.contains { $0.path == "Tests/HouseRulesTests/HouseRulesTests.swift" })
    }

    @Test(arguments: SourceTree.sources)
    func aFileIsShortEnoughToRead(file: SourceFile) {
        #expect(file.text.split(separator: "\n", omittingEmptySubsequences: false).count <= 501)
    }

    @Test(arguments: SourceTree.sources)
    func aFunctionIsShortEnoughToRead(file: SourceFile) {
        for function in functions(in: file.codeLines) where function.lines > 70 {
            Issue.record(
                "\(file.path):\(function.line): a function of \(function.lines) lines; 70 are the limit")
        }
    }

    @Test(arguments: SourceTree.sources.filter { pureModules.contains($0.module) })
    func aPureModuleImportsNothingImpure(file: SourceFile) {
        for (number, line) in file.codeLines.enumerated() {
            guard let module = importedModule(line) else { continue }
            #expect(!Self.impureImports.contains(module), "\(file.path):\(number + 1)")
        }
    }

    /// Where the kernel, not input, would have to break its promises first: a completion nobody asked for, and no
    /// address space at the start.
    static let trapping: Set<String> = [
        "Sources/UserspaceForwarding/Ring/RingEngine.swift",
        "Sources/UserspaceForwarding/Statistics/LazyMemory.swift",
    ]

    @Test(arguments: SourceTree.sources)
    func nothingTrapsOnPurposeAndNothingIsUnfinished(file: SourceFile) {
        let banned =
            ["try!", "as!", "fatalError("]
            + (Self.trapping.contains(file.path) ? [] : ["preconditionFailure("])
        for (number, line) in file.codeLines.enumerated() {
            for word in banned {
                #expect(!line.contains(word), "\(file.path):\(number + 1): \(word)")
            }
        }
        for (number, line) in file.text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
        {
            for word in ["TO" + "DO", "FIX" + "ME", "XX" + "X:"] {
                #expect(!line.contains(word), "\(file.path):\(number + 1): \(word)")
            }
        }
    }

    @Test(arguments: SourceTree.sources.filter { $0.module != "crosspointctl" })
    func onlyTheClientPrints(file: SourceFile) {
        for (number, line) in file.codeLines.enumerated() {
            let words = line.split { !($0.isLetter || $0.isNumber || $0 == "_" || $0 == "(" || $0 == ".") }
            #expect(!words.contains { $0.hasPrefix("print(") }, "\(file.path):\(number + 1)")
        }
    }

    @Test(arguments: SourceTree.sources)
    func sendableIsCheckedByTheCompiler(file: SourceFile) {
        guard !Self.uncheckedSendable.contains(file.path) else { return }
        for (number, line) in file.codeLines.enumerated() {
            #expect(!line.contains("@unchecked Sendable"), "\(file.path):\(number + 1)")
        }
    }

    @Test(arguments: SourceTree.shims)
    func aShimIsShortEnoughToRead(file: SourceFile) {
        #expect(file.text.split(separator: "\n", omittingEmptySubsequences: false).count <= 501)
    }
}

/// `Glibc` for `import Glibc`, `public import Glibc`, `import struct Glibc.stat`.
private func importedModule(_ line: String) -> String? {
    var words = line.split(separator: " ")
    while let word = words.first,
        word.hasPrefix("@") || ["public", "internal", "package", "private"].contains(word)
    {
        words.removeFirst()
    }
    guard words.first == "import", var name = words.last else { return nil }
    if words.count > 2 { name = name.prefix { $0 != "." } }
    return String(name.prefix { $0 != "." })
}

/// The functions and initialisers of a file: where each begins, and how many lines it has.
func functions(in lines: [String]) -> [(line: Int, lines: Int)] {
    var found: [(line: Int, lines: Int)] = []
    for (start, line) in lines.enumerated() {
        let words = line.split { !($0.isLetter || $0 == "_" || $0 == "(" || $0 == "?" || $0 == "<") }
        let begins =
            words.contains("func")
            || words.contains { $0 == "init(" || $0.hasPrefix("init(") || $0 == "init?(" }
        guard begins, !line.contains("self.init("), !line.contains(".init(") else { continue }
        if let end = endOfBody(lines, from: start) { found.append((start + 1, end - start + 1)) }
    }
    return found
}

/// The line where the first brace that opens at or after `start` is closed again; nil for a requirement without a body.
private func endOfBody(_ lines: [String], from start: Int) -> Int? {
    var depth = 0
    var parentheses = 0
    for (number, line) in lines.enumerated().dropFirst(start) {
        for character in line {
            switch character {
            case "(": parentheses += 1
            case ")": parentheses -= 1
            case "{": depth += 1
            case "}":
                depth -= 1
                if depth < 0 { return nil }
                if depth == 0, parentheses <= 0 { return number }
            default: break
            }
        }
    }
    return nil
}

@Suite struct FunctionLengthTests {
    @Test func lengthsAreCounted() {
        let text = """
            struct A {
                func one() { 1 }
                init(x: Int = { 3 }()) {
                    self.init(
                        x: 1)
                }
                func required()
            }
            func last(
                a: Int
            ) -> Int {
                if a { return 1 }
                return 2
            }
            """
        let lines = text.split(separator: "\n").map(String.init)
        let found = functions(in: lines)
        #expect(found.map(\.line) == [2, 3, 9])
        #expect(found.map(\.lines) == [1, 4, 6])
    }

    @Test func commentsAndTextsAreNoCode() {
        let file = SourceFile(
            path: "Sources/A/B.swift",
            text: "let a = \"try! // x\" // as!\nlet b = \"\\\"\" + c / d\n/// fatalError(")
        #expect(file.codeLines == ["let a = \"\" ", "let b = \"\" + c / d", ""])
    }
}
