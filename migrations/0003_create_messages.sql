-- The log of every room. It is also the outbox: what must be delivered is what is here.

CREATE TABLE messages (
    id          uuid PRIMARY KEY,
    room_id     uuid NOT NULL REFERENCES rooms ON DELETE CASCADE,
    -- Its place in the room; never changes.
    seq         bigint NOT NULL,
    -- The number of its last change; the index on it answers every catch-up with the rows as they are now.
    changed_seq bigint NOT NULL,
    -- Its ordinal among the messages; NULL for joins and the like, which make nothing unread.
    n           bigint,
    kind        text NOT NULL CONSTRAINT messages_kind_check CHECK (kind IN ('text', 'joined', 'left', 'created')),
    -- NULL: the system made the entry.
    author_id   uuid REFERENCES users,
    -- The sender's idempotency key. It never expires: it is a column.
    client_id   text,
    body        text NOT NULL,
    created_at  timestamptz NOT NULL,
    edited_at   timestamptz,
    deleted_at  timestamptz,
    CONSTRAINT messages_room_id_seq_key UNIQUE (room_id, seq),
    CONSTRAINT messages_author_id_client_id_key UNIQUE (author_id, client_id),
    CONSTRAINT messages_text_check CHECK ((kind = 'text') = (n IS NOT NULL)),
    CONSTRAINT messages_changed_seq_check CHECK (changed_seq >= seq AND seq > 0)
);

CREATE INDEX messages_room_id_changed_seq_index ON messages (room_id, changed_seq);
