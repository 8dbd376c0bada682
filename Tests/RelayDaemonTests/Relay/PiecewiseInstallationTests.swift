import Testing

@testable import RelayDaemon

private enum Refusal: Error {
    case inTheWay
    case tableFull
}

@Suite struct PiecewiseInstallationTests {
    /// Puts numbers in, all or none, unless some are refused.
    private func putIn(
        _ count: Int, refusing: [Int: Refusal]
    ) -> (inside: [Int], outside: [Int], attempts: Int) {
        var inside: [Int] = []
        var attempts = 0
        let failures = putInPiecewise(Array(0..<count)[...], isHopeless: { $0 == .tableFull }) {
            (piece: ArraySlice<Int>) -> Refusal? in
            attempts += 1
            if let refusal = piece.compactMap({ refusing[$0] }).first { return refusal }
            inside += piece
            return nil
        }
        return (inside, failures.map(\.index), attempts)
    }

    @Test func whatTheKernelTakesAsAWholeNeedsOneAttempt() {
        let result = self.putIn(300, refusing: [:])
        #expect(result.inside == Array(0..<300) && result.outside.isEmpty && result.attempts == 1)
        #expect(self.putIn(0, refusing: [:]).attempts == 0)
    }

    @Test(arguments: [[0], [7], [299], [3, 4], [0, 150, 299]])
    func oneRefusedFlowKeepsNoOtherOut(refused: [Int]) {
        let refusals = Dictionary(uniqueKeysWithValues: refused.map { ($0, Refusal.inTheWay) })
        let result = self.putIn(300, refusing: refusals)
        #expect(result.outside == refused)
        #expect(result.inside == (0..<300).filter { !refused.contains($0) })
        #expect(result.attempts < 60)
    }

    @Test func aFailureThatMeetsAllIsNotTriedAgainForEach() {
        let result = self.putIn(300, refusing: [10: .tableFull])
        #expect(result.inside.isEmpty && result.outside == Array(0..<300) && result.attempts == 1)
    }
}
