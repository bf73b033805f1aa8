import Foundation

/// What `doctor --fix` may do: nothing by which anybody loses something.
enum Repair: Sendable, Equatable {
    /// Keep everybody but the owner from reading a file.
    case restrict(String)
    /// Make the data directory and the folder of its logs.
    case makeFolders
    /// Take instances out of the lists that do not answer. Who only hung comes back by itself.
    case forget([String])
    /// Bring a database up to date, after asking.
    case migrate(databaseURL: String, missing: [String])

    /// - Returns: What was done, as a sentence without its end.
    /// - Throws: `Failure` when it was not done, also because nobody agreed.
    func make(_ global: GlobalOptions) async throws -> String {
        switch self {
        case .restrict(let path):
            guard chmod(path, 0o600) == 0 else { throw Files.cannot("change the mode of", path) }
            return "\(path) is for its owner only now, mode 600"
        case .makeFolders:
            try global.dataDirectory.prepare()
            return "made \(global.dataDirectory.logs)"
        case .forget(let ids):
            let removed = try await StaleInstances.remove(ids, on: try await Servers.locate(global))
            return "took \(removed.joined(separator: ", ")) out of the lists; who only hung comes back by itself"
        case .migrate(let url, let missing):
            try global.confirmation.ask("Apply \(Migrations.summary(missing)) to the database now?")
            return "applied \(Migrations.summary(try await Migrations.apply(to: url)))"
        }
    }
}
