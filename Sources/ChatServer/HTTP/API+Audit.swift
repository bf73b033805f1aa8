import Domain
import Hummingbird
import Views

// The audit log, for admins.

extension API {
    func addAuditRoutes(to router: RouterGroup<RequestScope>) {
        router.get("audit") { request, scope in
            let identity = try await identify(request, scope)
            let query = request.query
            let cursor = try query["cursor"].map { text in
                guard let id = AuditEntryID(text) else {
                    throw ChatError.invalid(field: "cursor", message: "Give back the cursor as it came.")
                }
                return id
            }
            let limit = try number("limit", query).map { min(max(Int(clamping: $0), 1), Chat.auditLimitMax) } ?? 50
            let entries = try await chat.audit(
                AuditFilter(
                    actor: query["actor"],
                    action: query["action"].map(AuditEntry.Action.init(rawValue:))
                ),
                before: cursor,
                limit: limit,
                by: .person(identity)
            )
            return try JSONResponse.make(
                AuditView(
                    entries: entries.map(AuditEntryView.init),
                    next: entries.count == limit ? entries.last?.id.description : nil
                )
            )
        }
    }
}
