import Domain
import EngineIO
import Fleet
import Foundation
import Logging
import NIOCore
import SocketIO

/// Carries out what `chatctl` asks of a running instance, whichever way it was asked.
struct InstanceControl: Sendable {
    let instance: String
    let namespace: Namespace
    let vitals: Vitals
    let drain: Drain
    let logger: Logger

    func handle(_ action: ControlAction) async -> ControlAnswer {
        var answer = ControlAnswer(instance: instance)
        switch action {
        case .ping, .vitals:
            answer.record = await vitals.record()
        case .drain(let milliseconds):
            let spread = min(max(.zero, .milliseconds(milliseconds)), ControlLimits.spreadMax)
            answer.count = await drain.begin(spread: spread)
        case .resume:
            await drain.resume()
        case .sockets(let filter):
            var list: [ControlSocket] = []
            for socket in select(filter).prefix(ControlLimits.socketsMax) { list.append(await describe(socket)) }
            answer.sockets = list
        case .disconnect(let filter):
            let sockets = select(filter)
            for socket in sockets { socket.connection.close(.serverShuttingDown) }
            answer.count = sockets.count
            logger.info("disconnected sockets on request", metadata: ["count": "\(sockets.count)"])
        case .logLevel(let name):
            guard let level = Logger.Level(rawValue: name) else {
                answer.error = "there is no log level \"\(name)\""
                break
            }
            Logs.level = level
            logger.notice("log level changed", metadata: ["level": "\(level)"])
        }
        return answer
    }

    private func select(_ filter: ControlSocketFilter) -> [Socket] {
        namespace.local.sockets.filter { socket in
            (filter.socket == nil || filter.socket == socket.id)
                && (filter.user == nil || filter.user == socket[IdentityKey.self]?.user.id.description)
                && (filter.room.map { socket.rooms.contains("r:\($0)") } ?? true)
        }
        .sorted { $0.id < $1.id }
    }

    private func describe(_ socket: Socket) async -> ControlSocket {
        ControlSocket(
            id: socket.id,
            instance: instance,
            user: socket[IdentityKey.self]?.user.name ?? "",
            address: socket.handshake.request.remoteAddress?.ipAddress ?? "",
            transport: await socket.transportName,
            rooms: socket.rooms.filter { $0.name.hasPrefix("r:") }.count,
            connectedAt: Date(timeIntervalSince1970: socket.handshake.request.issued)
        )
    }
}
