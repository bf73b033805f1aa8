-- What an edited message said before, for the people of rooms that keep it.

ALTER TABLE rooms ADD COLUMN keeps_versions boolean NOT NULL DEFAULT true;

CREATE TABLE message_versions (
    room_id    uuid    NOT NULL REFERENCES rooms ON DELETE CASCADE,
    seq        bigint  NOT NULL,
    -- In the order in which they were written.
    version    integer NOT NULL CONSTRAINT message_versions_version_check CHECK (version > 0),
    body       text    NOT NULL,
    -- When the author wrote this text.
    written_at timestamptz NOT NULL,
    PRIMARY KEY (room_id, seq, version)
);
