// swift-tools-version: 6.2

import Foundation
import PackageDescription

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioConcurrencyHelpers: Target.Dependency = .product(name: "NIOConcurrencyHelpers", package: "swift-nio")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let nioHTTP1: Target.Dependency = .product(name: "NIOHTTP1", package: "swift-nio")
let nioWebSocket: Target.Dependency = .product(name: "NIOWebSocket", package: "swift-nio")
let nioEmbedded: Target.Dependency = .product(name: "NIOEmbedded", package: "swift-nio")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let collections: Target.Dependency = .product(name: "DequeModule", package: "swift-collections")
let lifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")

// A target imports only what stands above it in this list, so the order is the architecture:
// the transport (EngineIO … SocketIORedis) and the chat (Domain, Credentials, Storage) meet in the executables only.
let package = Package(
    name: "chat",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "EngineIO", targets: ["EngineIO"]),
        .library(name: "SocketIO", targets: ["SocketIO"]),
        .executable(name: "ChatServer", targets: ["ChatServer"]),
        .executable(name: "chatctl", targets: ["ChatCtl"]),
        .executable(name: "ConformanceServer", targets: ["ConformanceServer"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.14.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
    ],
    targets: [
        .systemLibrary(name: "CHiredis", providers: [.apt(["libhiredis-dev"])]),
        .systemLibrary(name: "CPostgres", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CArgon2", pkgConfig: "libargon2", providers: [.apt(["libargon2-dev"])]),

        .target(
            name: "EngineIO",
            dependencies: ["CZlib", nioCore, nioConcurrencyHelpers, nioPosix, nioHTTP1, logging, crypto, collections],
            swiftSettings: strict
        ),
        .target(
            name: "SocketIO",
            dependencies: ["EngineIO", nioCore, nioConcurrencyHelpers, logging, collections],
            swiftSettings: strict
        ),
        .target(
            name: "Redis",
            dependencies: [
                "CHiredis", nioCore, nioPosix, logging,
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            swiftSettings: strict
        ),
        .target(
            name: "SocketIORedis",
            dependencies: ["Redis", "SocketIO", nioCore, logging],
            swiftSettings: strict
        ),

        .target(name: "Domain", swiftSettings: strict),
        .target(name: "Views", dependencies: ["Domain"], swiftSettings: strict),
        .target(
            name: "Credentials",
            dependencies: ["Domain", "CArgon2", crypto],
            swiftSettings: strict
        ),
        .target(
            name: "Storage",
            dependencies: ["Domain", "CPostgres", logging],
            swiftSettings: strict
        ),
        .target(
            name: "Fleet",
            dependencies: ["Redis", nioCore, logging],
            swiftSettings: strict
        ),

        .target(
            name: "Webhooks",
            dependencies: [
                "Views", "Domain", nioCore, nioPosix, nioHTTP1, logging, crypto,
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
            ],
            swiftSettings: strict
        ),

        .target(
            name: "SocketIOClient",
            dependencies: [
                nioCore, nioPosix, nioHTTP1, nioWebSocket, crypto, .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            swiftSettings: strict
        ),

        .target(
            name: "ServerSettings",
            dependencies: [
                "Redis", "SocketIORedis", "Domain", logging,
                .product(name: "Configuration", package: "swift-configuration"),
            ],
            swiftSettings: strict
        ),

        .executableTarget(
            name: "ChatServer",
            dependencies: [
                "ServerSettings", "SocketIORedis", "SocketIO", "EngineIO", "Redis", "Fleet", "Storage", "Credentials",
                "Webhooks", "Views", "Domain", nioCore, nioPosix, nioHTTP1, logging, crypto, lifecycle,
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
            ],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "ChatCtl",
            dependencies: [
                "ServerSettings", "Webhooks", "Views", "Domain", "Storage", "Credentials", "Fleet", "SocketIORedis",
                "SocketIO", "EngineIO", "Redis", "SocketIOClient", nioCore, nioPosix, logging,
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Histogram", package: "hdrhistogram-swift"),
            ],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "ConformanceServer",
            dependencies: [
                "SocketIORedis", "SocketIO", "EngineIO", "Redis", nioCore, nioPosix, nioHTTP1, logging,
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict
        ),

        .executableTarget(
            name: "RedisBenchmark",
            dependencies: ["Redis", "CHiredis", nioCore, nioPosix, logging],
            path: "Benchmarks/Redis",
            swiftSettings: strict
        ),
        .executableTarget(
            name: "StoreBenchmark",
            dependencies: ["Domain", "Storage", "CPostgres", logging],
            path: "Benchmarks/Store",
            swiftSettings: strict
        ),

        // The server of docs/socketio.md, which sees of the libraries what another package sees.
        .executableTarget(
            name: "SocketIOExample",
            dependencies: ["EngineIO", "SocketIO", nioPosix],
            path: "docs/example",
            packageAccess: false
        ),

        .target(
            name: "TestSupport",
            dependencies: ["Domain", "Storage", "Redis", nioCore, nioPosix, nioHTTP1, logging],
            path: "Tests/TestSupport",
            swiftSettings: strict
        ),
        .testTarget(
            name: "EngineIOTests",
            dependencies: ["EngineIO", "TestSupport", nioCore, nioPosix, nioHTTP1, nioEmbedded],
            swiftSettings: strict
        ),
        .testTarget(
            name: "SocketIOTests",
            dependencies: ["SocketIO", "EngineIO", "TestSupport", nioCore, nioPosix],
            swiftSettings: strict
        ),
        .testTarget(
            name: "RedisTests",
            dependencies: ["Redis", "TestSupport", nioCore, nioPosix, nioEmbedded],
            swiftSettings: strict
        ),
        .testTarget(
            name: "SocketIORedisTests",
            dependencies: ["SocketIORedis", "SocketIO", "Redis", "TestSupport", nioCore, nioPosix],
            swiftSettings: strict
        ),
        .testTarget(name: "DomainTests", dependencies: ["Domain", "TestSupport"], swiftSettings: strict),
        .testTarget(name: "CredentialsTests", dependencies: ["Credentials", "Domain"], swiftSettings: strict),
        .testTarget(
            name: "StorageTests",
            dependencies: ["Storage", "Domain", "TestSupport"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "FleetTests",
            dependencies: ["Fleet", "Redis", "TestSupport"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "ChatServerTests",
            dependencies: [
                "ChatServer", "Webhooks", "Domain", "Storage", "SocketIO", "EngineIO", "Redis", "TestSupport", nioCore,
                nioPosix, nioHTTP1, logging,
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "Hummingbird", package: "hummingbird"),
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "SocketIOClientTests",
            dependencies: ["SocketIOClient", "SocketIO", "EngineIO", "TestSupport", nioCore, nioPosix, nioHTTP1],
            swiftSettings: strict
        ),
        .testTarget(
            name: "ServerSettingsTests",
            dependencies: ["ServerSettings", "SocketIORedis", "Domain", logging],
            swiftSettings: strict
        ),
        .testTarget(
            name: "ChatCtlTests",
            dependencies: ["ChatCtl", "ServerSettings", "TestSupport", nioCore],
            swiftSettings: strict
        ),
    ],
    swiftLanguageModes: [.v6]
)

// The fuzzer is linked only where it is asked for: it brings a main function of its own.
if ProcessInfo.processInfo.environment["CHAT_FUZZ"] != nil {
    package.targets.append(
        .executableTarget(
            name: "Fuzz",
            dependencies: ["EngineIO", "SocketIO", "SocketIORedis", "Domain", nioCore, nioHTTP1],
            path: "Tests/Fuzz",
            swiftSettings: strict + [.unsafeFlags(["-parse-as-library"])]
        )
    )
}
