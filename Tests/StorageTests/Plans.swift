import Foundation
import Logging
import Synchronization
import TestSupport

/// How PostgreSQL ran each statement of a database: what EXPLAIN would say, of the very runs, from its auto_explain.
///
/// A `Database` with `logger` is needed: plans arrive as notices, which it logs.
final class Plans: Sendable {
    struct Plan {
        let query: String
        let nodes: [Node]
    }

    struct Node {
        /// `Index Scan`, `Seq Scan`, `Sort` …
        let kind: String
        /// The table or the index that is read.
        let relation: String?
    }

    private let texts = Mutex<[String]>([])

    /// Has every connection that is opened to this database from now on explain what it runs.
    static func turnOn(_ test: TestChat) async throws {
        let database = "DATABASE \"\(test.throwaway.name)\""
        try await test.execute(
            """
            ALTER \(database) SET session_preload_libraries = 'auto_explain';
            ALTER \(database) SET auto_explain.log_min_duration = 0;
            ALTER \(database) SET auto_explain.log_format = 'json';
            ALTER \(database) SET auto_explain.log_level = 'notice';
            """
        )
    }

    var logger: Logger { Logger(label: "plans") { _ in Collector(plans: self) } }

    /// All plans so far. Throws what is not JSON.
    func all() throws -> [Plan] {
        struct Explained: Decodable {
            var query: String
            var plan: Branch

            enum CodingKeys: String, CodingKey {
                case query = "Query Text"
                case plan = "Plan"
            }
        }
        return try texts.withLock(\.self).map { text in
            let explained = try JSONDecoder().decode(Explained.self, from: Data(text.utf8))
            return Plan(query: explained.query, nodes: explained.plan.nodes)
        }
    }

    private struct Branch: Decodable {
        var kind: String
        var relation: String?
        var index: String?
        var plans: [Branch]?

        enum CodingKeys: String, CodingKey {
            case kind = "Node Type"
            case relation = "Relation Name"
            case index = "Index Name"
            case plans = "Plans"
        }

        var nodes: [Node] { [Node(kind: kind, relation: relation ?? index)] + (plans ?? []).flatMap(\.nodes) }
    }

    private struct Collector: LogHandler {
        let plans: Plans
        var metadata: Logger.Metadata = [:]
        var logLevel: Logger.Level = .debug

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let text = "\(event.message)"
            guard text.contains("plan:"), let brace = text.firstIndex(of: "{") else { return }
            plans.texts.withLock { $0.append(String(text[brace...])) }
        }
    }
}
