import Foundation
import Histogram
import Synchronization

/// Collects times from many event loops and sums them up.
final class LatencyRecorder: Sendable {
    /// What is told of the times, in milliseconds.
    struct Summary: Encodable, Sendable, Equatable {
        var count: Int
        var mean: Double
        var p50: Double
        var p90: Double
        var p99: Double
        var p999: Double
        var max: Double
    }

    /// One bar of the picture: how many took at most that long.
    struct Bucket: Encodable, Sendable, Equatable {
        var upToMilliseconds: Double
        var count: Int

        private enum CodingKeys: String, CodingKey {
            case upToMilliseconds = "up_to_ms"
            case count
        }
    }

    /// In microseconds, up to an hour.
    private let histogram = Mutex(
        Histogram<UInt64>(highestTrackableValue: 3_600_000_000, numberOfSignificantValueDigits: .three)
    )

    func record(_ duration: Duration) {
        let microseconds = UInt64(max(1, min(3.6e9, duration / .microseconds(1))))
        histogram.withLock { _ = $0.record(microseconds) }
    }

    /// Nil when nothing was recorded.
    var summary: Summary? {
        histogram.withLock { histogram in
            guard histogram.totalCount > 0 else { return nil }
            func at(_ percentile: Double) -> Double { Double(histogram.valueAtPercentile(percentile)) / 1_000 }
            return Summary(
                count: Int(histogram.totalCount),
                mean: histogram.mean / 1_000,
                p50: at(50),
                p90: at(90),
                p99: at(99),
                p999: at(99.9),
                max: Double(histogram.max) / 1_000
            )
        }
    }

    /// The distribution in steps of a factor of two, without empty ends.
    var buckets: [Bucket] {
        let counts = histogram.withLock { histogram in
            histogram.recordedValues().reduce(into: [Int: Int]()) { counts, value in
                counts[UInt64.bitWidth - value.value.leadingZeroBitCount, default: 0] += Int(value.count)
            }
        }
        guard let first = counts.keys.min(), let last = counts.keys.max() else { return [] }
        return (first...last).map { bits in
            Bucket(upToMilliseconds: Double(UInt64(1) << UInt64(bits)) / 1_000, count: counts[bits] ?? 0)
        }
    }

    /// The distribution as text, a line for each bucket.
    static func picture(_ buckets: [Bucket]) -> [String] {
        let most = buckets.map(\.count).max() ?? 0
        return buckets.map { bucket in
            let cells = most == 0 ? 0 : Int((Double(bucket.count) / Double(most) * 40).rounded(.up))
            let bar = String(repeating: "█", count: bucket.count == 0 ? 0 : cells)
            let bound = TimeText.milliseconds(bucket.upToMilliseconds)
            return "≤ " + String(repeating: " ", count: max(0, 8 - bound.count)) + "\(bound)  \(bar) \(bucket.count)"
        }
    }
}
