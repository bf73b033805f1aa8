extension AuditEntry.Action {
    package static let messageDelete = Self("message.delete")
    package static let roomUpdate = Self("room.update")
    package static let roomArchive = Self("room.archive")
    package static let roomRestore = Self("room.restore")
    package static let roomKick = Self("room.kick")
    package static let roomRole = Self("room.role")
    package static let roomMute = Self("room.mute")
    package static let roomUnmute = Self("room.unmute")
}
