import HTTPTypes
import Hummingbird

extension Router<RequestScope> {
    /// Has every path below `prefix` refuse the methods that are not registered for it: with 405 and what it does take
    /// (RFC 9110, section 15.5.6), where it would be as if there were no such path.
    func refuseOtherMethods(below prefix: String) {
        let known = Dictionary(grouping: routes.filter { "\($0.path)".hasPrefix(prefix) }, by: { "\($0.path)" })
        for (path, routes) in known {
            var allowed = Set(routes.map(\.method))
            // The router makes these from GET.
            if allowed.contains(.get) { allowed.insert(.head) }
            let headers: HTTPFields = [.allow: allowed.map(\.rawValue).sorted().joined(separator: ", ")]
            for method in [HTTPRequest.Method.get, .post, .put, .patch, .delete] where !allowed.contains(method) {
                on(RouterPath(path), method: method) { _, _ -> Response in
                    throw HTTPError(.methodNotAllowed, headers: headers, message: nil)
                }
            }
        }
    }
}
