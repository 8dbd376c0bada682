import NATRules
import Testing
import WireFormat

@Suite struct RelearningTests {
    let signalled = TransportAddress(IPAddress(ipv4: 0xC0A8_010A), port: 4000)
    let before = TransportAddress(IPAddress(ipv4: 0xC633_640B), port: 61000)
    let after = TransportAddress(IPAddress(ipv4: 0xC633_640B), port: 62000)

    @Test func thePreviousAddressIsSentToUntilThePartyIsHeard() {
        var latch = SourceLatch(
            policy: LearningPolicy(), signalled: self.signalled, openedAt: MonotonicTime(seconds: 10),
            previous: self.before)
        #expect(latch.destination == self.before && !latch.isSettled)
        #expect(latch.receive(from: self.after, at: MonotonicTime(seconds: 11)) == .acceptAndMoved)
        #expect(latch.destination == self.after)
        #expect(latch.receive(from: self.after, at: MonotonicTime(seconds: 13.1)) == .acceptAndSettled)
        #expect(latch.receive(from: self.before, at: MonotonicTime(seconds: 13.2)) == .reject)
    }

    @Test func withLearningOffThePreviousAddressDoesNotCount() {
        let latch = SourceLatch(
            policy: LearningPolicy(mode: .off), signalled: self.signalled,
            openedAt: MonotonicTime(seconds: 10),
            previous: self.before)
        #expect(latch.destination == self.signalled && latch.isSettled)
    }

    @Test func changingWhoMaySendKeepsWhatWasLearnt() {
        var latch = SourceLatch(
            policy: LearningPolicy(mode: .immediate), signalled: self.signalled,
            openedAt: MonotonicTime(seconds: 0))
        #expect(latch.receive(from: self.before, at: MonotonicTime(seconds: 1)) == .acceptAndSettled)
        latch.change(strictSource: false, mediaHandover: true)
        #expect(latch.isSettled && latch.destination == self.before)
        #expect(latch.receive(from: self.after, at: MonotonicTime(seconds: 2)) == .acceptAndMoved)
        latch.change(strictSource: true, mediaHandover: false)
        #expect(latch.isSettled && latch.destination == self.after)
        #expect(latch.receive(from: self.before, at: MonotonicTime(seconds: 3)) == .reject)
    }
}
