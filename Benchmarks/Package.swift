// swift-tools-version: 6.2

import PackageDescription

// A package of its own, so that building the chat does not build what only measures it.
let package = Package(
    name: "Benchmarks",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "chat", path: ".."),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    ],
    targets: [
        .target(name: "CCounters"),
        .executableTarget(
            name: "TransportBenchmarks",
            dependencies: [
                "CCounters",
                .product(name: "EngineIO", package: "chat"),
                .product(name: "SocketIO", package: "chat"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]
        ),
    ],
    swiftLanguageModes: [.v6]
)
