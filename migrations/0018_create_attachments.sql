-- Images of messages. The bytes are here too, so that every instance on every machine has them and a backup is whole.

CREATE TABLE attachments (
    id          uuid PRIMARY KEY,
    room_id     uuid NOT NULL REFERENCES rooms ON DELETE CASCADE,
    uploader_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    -- The uploader's idempotency key: an upload whose answer was lost is found again.
    client_id   text NOT NULL,
    -- The message of the room that carries it; NULL while none does.
    seq         bigint,
    media_type  text NOT NULL CONSTRAINT attachments_media_type_check
                CHECK (media_type IN ('image/png', 'image/jpeg', 'image/gif', 'image/webp')),
    name        text NOT NULL CONSTRAINT attachments_name_check CHECK (name <> ''),
    width       bigint NOT NULL CONSTRAINT attachments_width_check CHECK (width > 0),
    height      bigint NOT NULL CONSTRAINT attachments_height_check CHECK (height > 0),
    byte_count  bigint NOT NULL CONSTRAINT attachments_byte_count_check CHECK (byte_count = octet_length(content)),
    content     bytea NOT NULL,
    created_at  timestamptz NOT NULL,
    CONSTRAINT attachments_uploader_id_client_id_key UNIQUE (uploader_id, client_id)
);

-- Images are compressed already, and what is stored as it is can be read in slices.
ALTER TABLE attachments ALTER COLUMN content SET STORAGE EXTERNAL;

CREATE INDEX attachments_room_id_seq_index ON attachments (room_id, seq);
-- What was uploaded and never sent: it is counted for each person, and removed after a day.
CREATE INDEX attachments_unsent_index ON attachments (uploader_id, created_at) WHERE seq IS NULL;

-- What is shown of the table attachments: [{"id", "name", "media_type", "width", "height", "bytes"}]; NULL for none.
ALTER TABLE messages ADD COLUMN attachments jsonb;
