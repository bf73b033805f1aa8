import Fleet
import Foundation

/// The private port of an instance, for what the supervisor asks. Works also when Redis does not.
struct InstanceDoor: Sendable {
    let host: String
    let port: Int
    let secret: String

    /// Asks the instance.
    ///
    /// - Returns: nil when it does not answer in time, or not as a member of this fleet.
    func ask(_ action: ControlAction) async -> ControlAnswer? {
        guard let body = try? ControlCoding.encode(action) else { return nil }
        let answer = await SocketProbe.post(
            body,
            host: host,
            port: port,
            path: "/control",
            headers: ["x-chat-fleet-secret": secret]
        )
        return answer.flatMap { try? ControlCoding.decode(ControlAnswer.self, from: $0) }
    }
}
