import Domain
import Foundation
import Logging
import NIOCore
import SocketIO

/// What is told to whom. Called after the commit, never before.
struct Broadcasts: Sendable {
    let namespace: Namespace
    let sequencer: RoomSequencer
    let recheck: SessionRecheck
    let bell: WebhookBell
    let logger: Logger

    /// A read marker, to the person's other devices.
    func read(_ view: ReadView, by user: UserID) {
        emit("read:updated", view, to: namespace.to(.user(user)))
    }

    func emit(_ event: String, _ view: some Encodable, to target: BroadcastOperator) {
        guard let event = encode(event, view) else { return }
        target.emit(event)
    }

    func encode(_ event: String, _ view: some Encodable) -> Payload? {
        do {
            return Payload(event: event, argument: ByteBuffer(bytes: try JSONEncoder().encode(view)))
        } catch {
            logger.error("cannot encode an event", metadata: ["event": "\(event)", "error": "\(error)"])
            return nil
        }
    }
}
