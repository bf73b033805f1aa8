import Domain
import Logging

/// Removes images that were uploaded and never sent.
///
/// Every instance does it now and then; two that meet pass over what the other one holds.
struct UploadCleaning: Sendable {
    static let interval = Duration.seconds(3_600)

    let chat: Chat
    let clock: any Clock<Duration>
    let logger: Logger

    func run() async {
        while !Task.isCancelled {
            // Instances that were started together do not come together for ever.
            try? await clock.sleep(for: Self.interval * Double.random(in: 0.5...1.5))
            guard !Task.isCancelled else { return }
            do {
                let count = try await chat.removeUnsentAttachments()
                if count > 0 { logger.info("removed images that were never sent", metadata: ["count": "\(count)"]) }
            } catch {
                logger.debug("cannot remove images that were never sent", metadata: ["error": "\(error)"])
            }
        }
    }
}
