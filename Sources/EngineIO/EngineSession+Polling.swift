import NIOCore
import NIOHTTP1

extension EngineSession {
    /// Takes a GET: answers with what is queued, or keeps it until there is something.
    func poll(_ exchange: HTTPExchange) {
        context.closeOverdue()
        guard state != .closed else { return server.refuse(exchange, .unknownSession) }
        guard case .polling(let waiting) = transport else { return server.refuse(exchange, .badRequest) }
        guard waiting == nil else {
            // Two polls at once mean that the client's state is broken; packets could arrive out of order.
            end(.transportError)
            return server.refuse(exchange, .badRequest)
        }
        transport = .polling(exchange)
        if case .closing(let reason) = state {
            append([.close])
            flush()
            return end(reason)
        }
        flush()
        guard case .polling(.some) = transport else { return }
        if upgrade != nil {
            transport = .polling(nil)
            return answer(exchange, with: [.noop])
        }
        exchange.onAbort { [weak self] in
            guard let self else { return }
            server.mailboxes.post(on: self) { _ in self.pollAborted(exchange) }
        }
    }

    private func pollAborted(_ exchange: HTTPExchange) {
        guard case .polling(let waiting) = transport, waiting === exchange else { return }
        transport = .polling(nil)
        end(.transportClose)
    }

    /// Takes a POST: its packets in order.
    func post(_ exchange: HTTPExchange) {
        guard state != .closed else { return server.refuse(exchange, .unknownSession) }
        guard case .polling = transport else { return server.refuse(exchange, .badRequest) }
        // Revision 3 had bytes in such bodies. The reference server ends the session too.
        guard exchange.head.headers.first(name: "content-type") != "application/octet-stream" else {
            end(.transportError)
            return server.refuse(exchange, .badRequest)
        }
        do throws(PollingPayload.Malformed) {
            for packet in try PollingPayload.decode(exchange.body) { receive(packet, in: context) }
            server.answer(exchange, "text/html", ByteBuffer(string: "ok"), in: context)
        } catch {
            end(.parseError)
            server.refuse(exchange, .badRequest)
        }
    }

    /// Answers a GET.
    func answer(_ poll: HTTPExchange, with packets: [OutboundPacket]) {
        server.answer(poll, "text/plain; charset=UTF-8", PollingPayload.encode(packets), in: context)
    }
}
