-- Rooms with their counters, and who is in them.

-- Every send rewrites the counters of its row, so half of a page stays free for that (heap-only updates).
CREATE TABLE rooms (
    id          uuid PRIMARY KEY,
    kind        text NOT NULL CONSTRAINT rooms_kind_check CHECK (kind IN ('public', 'private', 'direct')),
    name        text CONSTRAINT rooms_name_key UNIQUE
                CONSTRAINT rooms_name_check CHECK (name ~ '^[a-z0-9_-]{1,64}$'),
    topic       text NOT NULL DEFAULT '',
    -- The sorted ids of the people of a direct room: the same people always get the same room.
    direct_key  text CONSTRAINT rooms_direct_key_key UNIQUE,
    -- New accounts become members.
    is_default  boolean NOT NULL DEFAULT false,
    -- The number of the last durable change. Taken under the lock of this row, held to COMMIT: no gap, commit order.
    last_seq    bigint NOT NULL DEFAULT 0,
    -- How many messages were sent; unread = msg_count - members.read_n.
    msg_count   bigint NOT NULL DEFAULT 0,
    created_at  timestamptz NOT NULL,
    archived_at timestamptz,
    CONSTRAINT rooms_shape_check CHECK ((kind = 'direct') = (name IS NULL) AND (kind = 'direct') = (direct_key IS NOT NULL))
) WITH (fillfactor = 50);

CREATE INDEX rooms_public_index ON rooms (id) WHERE kind = 'public';
CREATE INDEX rooms_default_index ON rooms (id) WHERE is_default;

CREATE TABLE members (
    room_id      uuid NOT NULL REFERENCES rooms ON DELETE CASCADE,
    user_id      uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    role         text NOT NULL DEFAULT 'member'
                 CONSTRAINT members_role_check CHECK (role IN ('owner', 'moderator', 'member')),
    -- The number of the entry that tells of the join.
    joined_seq   bigint NOT NULL,
    -- Read up to this number, and the ordinal of the last message up to there. They only grow.
    read_seq     bigint NOT NULL,
    read_n       bigint NOT NULL,
    notify_level text NOT NULL DEFAULT 'all'
                 CONSTRAINT members_notify_level_check CHECK (notify_level IN ('all', 'mentions', 'nothing', 'hidden')),
    PRIMARY KEY (room_id, user_id)
) WITH (fillfactor = 70);

CREATE INDEX members_user_id_index ON members (user_id);
