/// Which node of a cluster serves which slots, as far as it is known.
struct ClusterTopology: Sendable, Equatable {
    /// A node, as the cluster names it; an empty host is that of the node that was asked.
    struct Node: Hashable, Sendable {
        var host: String
        var port: Int
    }

    private var owners: [Node?] = []

    /// Not a cluster, or not known to be one.
    init() {}

    /// Reads the reply to CLUSTER SLOTS: `[[first, last, [host, port, …], …replicas], …]`. What is not of that form is
    /// left out.
    init(_ reply: RedisValue) {
        for range in reply.array ?? [] {
            guard let parts = range.array, parts.count >= 3, let first = parts[0].integer, let last = parts[1].integer,
                let node = parts[2].array, node.count >= 2, let port = node[1].integer, first <= last
            else { continue }
            for slot in max(0, first)...min(last, HashSlot.count - 1) {
                learn(Node(host: node[0].string ?? "", port: port), serves: slot)
            }
        }
    }

    var isCluster: Bool { !owners.isEmpty }

    subscript(slot: Int) -> Node? { owners.isEmpty ? nil : owners[slot] }

    mutating func learn(_ node: Node, serves slot: Int) {
        if owners.isEmpty { owners = Array(repeating: nil, count: HashSlot.count) }
        owners[slot] = node
    }

    mutating func forget(_ node: Node) {
        for slot in owners.indices where owners[slot] == node { owners[slot] = nil }
    }

}

/// The error with which a node tells who has to be asked instead.
struct ClusterRedirection: Equatable {
    var slot: Int
    var node: ClusterTopology.Node
    /// The slot is on its way there: only this command goes after it, behind ASKING.
    var isOnce: Bool

    /// Reads `MOVED 3999 127.0.0.1:6381` or `ASK 3999 127.0.0.1:6381`; nil for every other error.
    init?(_ error: String) {
        let words = error.split(separator: " ")
        guard words.count >= 3, words[0] == "MOVED" || words[0] == "ASK",
            let slot = Int(words[1]), (0..<HashSlot.count).contains(slot),
            let colon = words[2].lastIndex(of: ":"), let port = Int(words[2][words[2].index(after: colon)...]),
            (1...65_535).contains(port)
        else { return nil }
        self.slot = slot
        node = ClusterTopology.Node(host: String(words[2][..<colon]), port: port)
        isOnce = words[0] == "ASK"
    }
}
