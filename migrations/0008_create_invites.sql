-- Links with which people make accounts of their own.

CREATE TABLE invites (
    id         uuid PRIMARY KEY,
    -- SHA-256 of the code in the link; the code itself is nowhere.
    code_hash  bytea NOT NULL CONSTRAINT invites_code_hash_key UNIQUE
               CONSTRAINT invites_code_hash_check CHECK (octet_length(code_hash) = 32),
    uses       bigint NOT NULL DEFAULT 0,
    -- NULL: as many as like.
    uses_max   bigint CONSTRAINT invites_uses_max_check CHECK (uses_max > 0),
    expires_at timestamptz,
    -- NULL: made by the owner of the machine.
    created_by uuid REFERENCES users,
    created_at timestamptz NOT NULL,
    revoked_at timestamptz,
    CONSTRAINT invites_uses_check CHECK (uses >= 0 AND uses <= uses_max)
);

-- What a new person joins beside the default rooms.
CREATE TABLE invite_rooms (
    invite_id uuid NOT NULL REFERENCES invites ON DELETE CASCADE,
    room_id   uuid NOT NULL REFERENCES rooms ON DELETE CASCADE,
    PRIMARY KEY (invite_id, room_id)
);
