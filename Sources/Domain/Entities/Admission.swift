/// The beginning of a membership.
package struct Admission: Equatable, Sendable {
    /// Counts the admissions of all rooms. A transaction that commits late may bring a number below one that was seen.
    package let number: Int64
    package let user: UserID
    package let room: RoomID
    /// The entry of the room that let the person in.
    package let seq: Int64
    /// How far the room has come.
    package let lastSeq: Int64

    package init(number: Int64, user: UserID, room: RoomID, seq: Int64, lastSeq: Int64) {
        self.number = number
        self.user = user
        self.room = room
        self.seq = seq
        self.lastSeq = lastSeq
    }
}
