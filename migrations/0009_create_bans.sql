-- Who may not come in: a user, or everybody at an address.

CREATE TABLE bans (
    id         uuid PRIMARY KEY,
    user_id    uuid REFERENCES users ON DELETE CASCADE,
    address    cidr,
    -- NULL: until it is lifted.
    until      timestamptz,
    reason     text NOT NULL,
    -- NULL: by the owner of the machine.
    created_by uuid REFERENCES users,
    created_at timestamptz NOT NULL,
    lifted_at  timestamptz,
    CONSTRAINT bans_subject_check CHECK ((user_id IS NULL) <> (address IS NULL))
);

CREATE INDEX bans_user_id_index ON bans (user_id) WHERE lifted_at IS NULL;
-- Finds the networks that contain an address.
CREATE INDEX bans_address_index ON bans USING gist (address inet_ops) WHERE lifted_at IS NULL;
