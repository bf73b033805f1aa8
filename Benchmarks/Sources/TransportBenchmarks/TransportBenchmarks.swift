import ArgumentParser

/// Measures what the transport costs. Figures are for comparing one build with another on the same, quiet machine.
@main
struct TransportBenchmarks: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measures what the transport costs.",
        subcommands: [IdleBenchmark.self, DispatchBenchmark.self, FanOutBenchmark.self]
    )
}
