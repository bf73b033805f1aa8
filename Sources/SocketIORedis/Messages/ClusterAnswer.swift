internal import SocketIO

/// What a server answers to a request.
enum ClusterAnswer {
    case rooms([Room])
    case sockets([RemoteSocket])
    /// To `SOCKETS`, which only old peers ask.
    case socketIDs([String])
    /// To a join, leave or disconnect of an old peer.
    case confirmation
    /// What a listener answered to a server-side event.
    case serverSide(Payload)
    /// How many local sockets got a broadcast that wants acknowledgements.
    case clientCount(Int)
    /// What one of those sockets answered.
    case acknowledgement(Payload)
}
