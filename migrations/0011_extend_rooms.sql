-- When a room was last spoken in, and what a membership knows besides its role.

ALTER TABLE rooms ADD COLUMN last_at timestamptz;

UPDATE rooms
   SET last_at = (SELECT m.created_at FROM messages m
                   WHERE m.room_id = rooms.id AND m.n IS NOT NULL ORDER BY m.seq DESC LIMIT 1);

ALTER TABLE members
    ADD COLUMN joined_at   timestamptz NOT NULL DEFAULT now(),
    -- May not write before this time. Also kept in room_mutes, so that leaving and coming back does not end it.
    ADD COLUMN muted_until timestamptz;

CREATE TABLE room_mutes (
    room_id uuid NOT NULL REFERENCES rooms ON DELETE CASCADE,
    user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    until   timestamptz NOT NULL,
    PRIMARY KEY (room_id, user_id)
);

CREATE INDEX members_room_owner_index ON members (room_id) WHERE role = 'owner';
