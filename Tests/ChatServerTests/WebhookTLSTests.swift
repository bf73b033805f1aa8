import Domain
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import TestSupport
import Testing

@testable import Webhooks

@Suite("Webhooks over TLS")
struct WebhookTLSTests {
    @Test("a receiver proves that it is the host of the URL, although the request goes to the address that was checked")
    func certificate() async throws {
        try await TestCertificate.with(for: ["DNS:localhost"]) { certificate in
            try await Self.serve(certificate) { port in
                #expect(await Self.ping("https://localhost:\(port)/", believing: certificate).status == 204)
                #expect(await Self.ping("https://LocalHost:\(port)/", believing: certificate).status == 204)
                for host in ["127.0.0.1", "127.1"] {
                    let other = await Self.ping("https://\(host):\(port)/", believing: certificate)
                    #expect(other.failure == "TLS: the certificate is for another host", "\(host)")
                }
            }
        }
    }

    @Test("a certificate of an authority that nobody knows is not believed")
    func authority() async throws {
        try await TestCertificate.with(for: ["DNS:localhost"]) { certificate in
            try await Self.serve(certificate) { port in
                let answer = await Self.ping("https://localhost:\(port)/", believing: nil)
                #expect(answer.failure == "TLS: the certificate is not to be believed")
            }
        }
    }

    private static func ping(_ url: String, believing certificate: TestCertificate?) async -> WebhookAnswer {
        var tls = TLSConfiguration.makeClientConfiguration()
        if let certificate { tls.trustRoots = .file(certificate.authority) }
        let networks = WebhookNetworks(ranges: [AddressRange("127.0.0.0/8")!])
        let sender = WebhookSender(networks: networks, tls: tls, logger: ThrowawayDatabase.silence)
        let target = WebhookTarget(id: .new(at: Date()), name: "tls", url: url, secret: "secret")
        return await sender.ping(target)
    }

    /// A receiver that takes everything.
    private static func serve(_ certificate: TestCertificate, _ body: (_ port: Int) async throws -> Void) async throws {
        let context = try NIOSSLContext(
            configuration: .makeServerConfiguration(
                certificateChain: NIOSSLCertificate.fromPEMFile(certificate.certificate).map { .certificate($0) },
                privateKey: .privateKey(NIOSSLPrivateKey(file: certificate.key, format: .pem))
            )
        )
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context))
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(Taking())
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let result: Result<Void, any Error>
        do { result = .success(try await body(listener.localAddress?.port ?? 0)) } catch { result = .failure(error) }
        try await listener.close()
        try result.get()
    }
}

/// Answers every request with 204.
private final class Taking: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .end = unwrapInboundIn(data) else { return }
        context.write(wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: .noContent))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
