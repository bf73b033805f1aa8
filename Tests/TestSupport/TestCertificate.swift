internal import Foundation

/// An authority of one test's own and a certificate that it gave, made by openssl in a temporary folder.
package struct TestCertificate: Sendable {
    package struct OpenSSLFailed: Error {
        package let arguments: [String]
    }

    /// The authority's certificate, as a PEM file.
    package let authority: String
    /// What a server shows, as a PEM file.
    package let certificate: String
    /// The key to `certificate`, as a PEM file.
    package let key: String

    /// Runs `body` with a certificate for `names`, such as `DNS:localhost`; the files are gone afterwards.
    package static func with<Value: Sendable>(
        for names: [String],
        _ body: @Sendable (TestCertificate) async throws -> Value
    ) async throws -> Value {
        let folder = FileManager.default.temporaryDirectory.appending(path: "tls-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        func path(_ name: String) -> String { folder.appending(path: name).path }
        let newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
        try await openssl(
            ["req", "-x509", "-days", "2", "-subj", "/CN=test authority", "-out", path("ca.pem")] + newKey
                + ["-keyout", path("ca.key")]
        )
        try await openssl(
            [
                "req", "-x509", "-days", "2", "-subj", "/CN=test server", "-out", path("server.pem"),
                "-CA", path("ca.pem"), "-CAkey", path("ca.key"), "-keyout", path("server.key"),
                "-addext", "subjectAltName=\(names.joined(separator: ","))", "-addext", "basicConstraints=CA:FALSE",
            ] + newKey
        )
        let made = TestCertificate(
            authority: path("ca.pem"),
            certificate: path("server.pem"),
            key: path("server.key")
        )
        return try await body(made)
    }

    private static func openssl(_ arguments: [String]) async throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["openssl"] + arguments
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        let status = try await withCheckedThrowingContinuation { continuation in
            process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
            do { try process.run() } catch { continuation.resume(throwing: error) }
        }
        guard status == 0 else { throw OpenSSLFailed(arguments: arguments) }
    }
}
