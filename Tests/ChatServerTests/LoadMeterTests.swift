import Testing

@testable import ChatServer

@Suite("Load meter")
struct LoadMeterTests {
    @Test("rates are those of the time since the reading before")
    func rates() {
        let start = ContinuousClock.now
        let meter = LoadMeter(now: start)
        let first = LoadMeter.Counters(messages: 20, deliveries: 100, processorSeconds: 0.5)
        #expect(
            meter.read(first, now: start + .seconds(2)) == LoadMeter.Rates(messages: 10, deliveries: 50, cpuPercent: 25)
        )
        let second = LoadMeter.Counters(messages: 21, deliveries: 100, processorSeconds: 1.5)
        #expect(
            meter.read(second, now: start + .seconds(3)) == LoadMeter.Rates(messages: 1, deliveries: 0, cpuPercent: 100)
        )
    }

    @Test("two readings within a second give the same rates")
    func shortWindow() {
        let start = ContinuousClock.now
        let meter = LoadMeter(now: start)
        let rates = meter.read(LoadMeter.Counters(messages: 5), now: start + .seconds(1))
        #expect(meter.read(LoadMeter.Counters(messages: 500), now: start + .milliseconds(1_200)) == rates)
    }
}
