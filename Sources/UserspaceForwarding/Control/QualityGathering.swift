internal import RTPPackets
internal import RelayPlanning
internal import Synchronization

/// Puts the answers of several workers together.
final class QualityGathering: Sendable {
    typealias Answer = [RelayPortID: [SSRCQuality]]

    private let state: Mutex<(missing: Int, answer: Answer)>
    private let completion: @Sendable (Answer) -> Void

    /// Waits for this many answers; with none to wait for, it completes at once.
    init(answers: Int, completion: @escaping @Sendable (Answer) -> Void) {
        self.state = Mutex((answers, [:]))
        self.completion = completion
        if answers == 0 { completion([:]) }
    }

    /// Takes one worker's answer; the last one completes.
    func add(_ answer: Answer) {
        let whole = self.state.withLock { state -> Answer? in
            state.answer.merge(answer) { _, new in new }
            state.missing -= 1
            return state.missing == 0 ? state.answer : nil
        }
        if let whole { self.completion(whole) }
    }
}
