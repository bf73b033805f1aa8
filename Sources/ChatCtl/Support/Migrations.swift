import Storage

/// The schema's migrations, found and applied.
enum Migrations {
    /// The names of those that were missing.
    static func apply(to databaseURL: String) async throws -> [String] {
        try await migrator(databaseURL).migrate()
    }

    /// The names of those that are missing.
    static func pending(of databaseURL: String) async throws -> [String] {
        try await migrator(databaseURL).pending()
    }

    private static func migrator(_ databaseURL: String) throws -> Migrator {
        guard let folder = Programs.resource("migrations") else {
            throw Failure(
                .configuration,
                "the folder migrations/ is neither here nor beside chatctl",
                hint: "run chatctl in the folder of the chat"
            )
        }
        return try Migrator(url: databaseURL, folder: folder, logger: Servers.logger)
    }

    /// `1 migration (0007_read_markers)`, `7 migrations (0001_init … 0007_read_markers)`
    static func summary(_ names: [String]) -> String {
        switch names.count {
        case 0: "no migrations"
        case 1: "1 migration (\(names[0]))"
        default: "\(names.count) migrations (\(names[0]) … \(names[names.count - 1]))"
        }
    }
}
