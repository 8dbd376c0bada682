import Testing
import WireFormat

@testable import RelayDaemon

@Suite struct RepeatedMessageLimiterTests {
    @Test func oneLineAnIntervalIsWrittenAndTheOthersAreCounted() {
        var limiter = RepeatedMessageLimiter<String>(interval: .seconds(10))
        #expect(limiter.admit("a", at: MonotonicTime(seconds: 0)) == .write(repeats: 0))
        #expect(limiter.admit("a", at: MonotonicTime(seconds: 1)) == .omit)
        #expect(limiter.admit("b", at: MonotonicTime(seconds: 2)) == .write(repeats: 0))
        #expect(limiter.admit("a", at: MonotonicTime(seconds: 9.9)) == .omit)
        #expect(limiter.admit("a", at: MonotonicTime(seconds: 10)) == .write(repeats: 2))
        #expect(limiter.admit("a", at: MonotonicTime(seconds: 19)) == .omit)
        #expect(limiter.admit("a", at: MonotonicTime(seconds: 20)) == .write(repeats: 1))
    }

    @Test func aBurstIsWrittenWhole() {
        var limiter = RepeatedMessageLimiter<String>(interval: .seconds(10), burst: 2)
        #expect(limiter.admit("a", at: MonotonicTime(seconds: 0)) == .write(repeats: 0))
        #expect(limiter.admit("a", at: MonotonicTime(seconds: 1)) == .write(repeats: 0))
        #expect(limiter.admit("a", at: MonotonicTime(seconds: 2)) == .omit)
        #expect(limiter.admit("a", at: MonotonicTime(seconds: 10)) == .write(repeats: 1))
        #expect(limiter.admit("a", at: MonotonicTime(seconds: 11)) == .write(repeats: 0))
        #expect(limiter.admit("a", at: MonotonicTime(seconds: 12)) == .omit)
    }

    @Test func memoryIsBoundedByForgettingTheOldest() {
        var limiter = RepeatedMessageLimiter<Int>(interval: .seconds(10), capacity: 2)
        for kind in 0..<3 { _ = limiter.admit(kind, at: MonotonicTime(seconds: Double(kind))) }
        #expect(limiter.admit(2, at: MonotonicTime(seconds: 3)) == .omit)
        #expect(limiter.admit(0, at: MonotonicTime(seconds: 3)) == .write(repeats: 0), "it was forgotten")
    }

    @Test func theSuffixSaysHowOften() {
        #expect(RepeatedMessageLimiter<Int>.suffix(repeats: 0).isEmpty)
        #expect(RepeatedMessageLimiter<Int>.suffix(repeats: 1).contains("once"))
        #expect(RepeatedMessageLimiter<Int>.suffix(repeats: 7).contains("7 times"))
    }
}
