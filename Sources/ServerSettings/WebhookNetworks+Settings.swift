package import Domain

extension WebhookNetworks {
    /// `WEBHOOK_ALLOWED_NETWORKS`: addresses, networks, and names of hosts.
    package init(_ settings: SettingReader) throws(SettingError) {
        var hosts: Set<String> = []
        var ranges: [AddressRange] = []
        for part in settings.list(.webhookAllowedNetworks) {
            if let range = AddressRange(part) {
                ranges.append(range)
            } else if !part.isEmpty, part.utf8.allSatisfy(Self.isHostLetter) {
                hosts.insert(part.lowercased())
            } else {
                throw SettingError(
                    .webhookAllowedNetworks,
                    "holds \"\(part)\", which is no host, no address and no network"
                )
            }
        }
        self.init(hosts: hosts, ranges: ranges)
    }

    private static func isHostLetter(_ byte: UInt8) -> Bool {
        let character = Character(UnicodeScalar(byte))
        return character.isASCII && (character.isLetter || character.isNumber || "-_.".contains(character))
    }
}
