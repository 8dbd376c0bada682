import RTPPackets
import Testing

@Suite struct ClockRatesTests {
    @Test(arguments: [
        (UInt8(0), UInt32(8000)), (3, 8000), (6, 16000), (8, 8000), (9, 8000), (10, 44100), (11, 44100),
        (13, 8000),
        (14, 90000), (16, 11025), (17, 22050), (18, 8000), (26, 90000), (34, 90000), (96, 8000), (127, 8000),
    ])
    func staticTypesHaveTheRatesOfTheirProfile(payloadType: UInt8, hertz: UInt32) {
        #expect(ClockRates.standard[payloadType] == hertz)
    }

    @Test func dynamicTypesAreSetButNeverToNothing() {
        var rates = ClockRates()
        rates[111] = 48000
        rates[0] = 0
        rates[128] = 1
        #expect(rates[111] == 48000)
        #expect(rates[0] == 8000)
        #expect(ClockRates.standard[111] == 8000)
    }
}
