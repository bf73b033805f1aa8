import Hummingbird
import Logging
import NIOCore

/// What accompanies a request through the router.
struct RequestScope: RequestContext {
    var coreContext: CoreRequestContextStorage
    let origin: RequestOrigin

    /// Bodies of the API are small; a message is at most 8 kB.
    var maxUploadSize: Int { FrontDoor.apiBodyBytesMax }

    struct Source: RequestContextSource {
        var logger: Logger
        var origin: RequestOrigin
    }

    init(source: Source) {
        coreContext = .init(source: source)
        origin = source.origin
    }
}
