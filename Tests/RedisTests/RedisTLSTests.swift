import NIOCore
import Redis
import TestSupport
import Testing

@Suite("Redis over TLS")
struct RedisTLSTests {
    @Test("the server's certificate is checked by its name and by its address", arguments: ["localhost", "127.0.0.1"])
    func verified(_ host: String) async throws {
        try await TestCertificate.with(for: ["DNS:localhost", "IP:127.0.0.1"]) { certificate in
            try await Self.withServer(certificate) { port in
                let tls = RedisConfiguration.TLS(certificateAuthorityFile: certificate.authority)
                let configuration = RedisConfiguration(address: .tcp(host: host, port: port), tls: tls)
                try await RedisClientTests.withClient(configuration) { redis in
                    let log = Log()
                    let subscription = redis.subscribe(.channel, "news") { log.add("", $0) }
                    try await subscription.waitUntilActive()
                    redis.publish(ByteBuffer(repeating: 0x78, count: 100_000), to: "news")
                    try await eventually("a message of several records came") { log.lines.count == 2 }
                }
            }
        }
    }

    @Test("an authority that is not trusted, a name that is not the server's and a missing file are refused")
    func refused() async throws {
        try await TestCertificate.with(for: ["DNS:elsewhere.example"]) { certificate in
            try await Self.withServer(certificate) { port in
                for (file, reason) in [
                    (nil, "CERTIFICATE_VERIFY_FAILED"), (certificate.authority, "find localhost in certificate"),
                    ("/nonexistent.pem", "/nonexistent.pem"),
                ] {
                    let configuration = RedisConfiguration(
                        address: .tcp(host: "localhost", port: port),
                        tls: .init(certificateAuthorityFile: file)
                    )
                    try await RedisClientTests.withClient(configuration) { redis in
                        try await eventually("there is a reason") { redis.lastFailure != nil }
                        #expect(redis.lastFailure?.contains(reason) == true, "\(redis.lastFailure ?? "")")
                        #expect(!redis.isConnected)
                    }
                }
            }
        }
    }

    private static func withServer(
        _ certificate: TestCertificate,
        _ body: @Sendable (Int) async throws -> Void
    ) async throws {
        let port = try await TestPorts.free()[0]
        let options = [
            "--tls-port", String(port), "--bind", "127.0.0.1", "--tls-cert-file", certificate.certificate,
            "--tls-key-file", certificate.key, "--tls-ca-cert-file", certificate.authority, "--tls-auth-clients", "no",
        ]
        try await PrivateRedis.with(options: options) { _ in try await body(port) }
    }
}
