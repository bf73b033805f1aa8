-- What becomes of a message after it was sent, and what a room's log tells of people.

ALTER TABLE messages
    DROP CONSTRAINT messages_kind_check,
    ADD CONSTRAINT messages_kind_check CHECK (kind IN (
        'text', 'created', 'joined', 'left', 'added', 'removed', 'renamed', 'topic', 'archived', 'restored', 'role')),
    ADD COLUMN deleted_by uuid REFERENCES users,
    -- SHA-256 of the text as it was sent, once that is not the body any more: a late retry of the send is recognised.
    ADD COLUMN sent_hash  bytea CONSTRAINT messages_sent_hash_check CHECK (octet_length(sent_hash) = 32),
    -- The message of the same room that this one answers.
    ADD COLUMN reply_seq  bigint CONSTRAINT messages_reply_seq_check CHECK (reply_seq < seq),
    -- The members whom the text names, sorted; NULL for none.
    ADD COLUMN mentioned  uuid[],
    -- What is shown of the table reactions: [{"emoji", "count", "users": the first 30}]; NULL for none.
    ADD COLUMN reactions  jsonb,
    -- To whom the author did what an entry tells, and the new name, topic or role.
    ADD COLUMN target_id  uuid REFERENCES users,
    ADD COLUMN detail     text;

UPDATE messages m
   SET mentioned = named.people
  FROM (SELECT room_id, seq, array_agg(user_id ORDER BY user_id) AS people FROM mentions GROUP BY room_id, seq) named
 WHERE m.room_id = named.room_id AND m.seq = named.seq;

-- Who chose which emoji. The order of the key finds one person's own quickly.
CREATE TABLE reactions (
    room_id    uuid   NOT NULL REFERENCES rooms ON DELETE CASCADE,
    seq        bigint NOT NULL,
    user_id    uuid   NOT NULL REFERENCES users ON DELETE CASCADE,
    emoji      text   NOT NULL CONSTRAINT reactions_emoji_check CHECK (octet_length(emoji) BETWEEN 1 AND 32),
    created_at timestamptz NOT NULL,
    PRIMARY KEY (room_id, seq, user_id, emoji)
);
