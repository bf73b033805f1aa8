-- Programs elsewhere that are told of what changes in rooms.

CREATE TABLE webhooks (
    id              uuid PRIMARY KEY,
    name            text NOT NULL CONSTRAINT webhooks_name_key UNIQUE,
    url             text NOT NULL,
    -- In clear: signing takes the secret itself, a hash of it would be of no use.
    secret          text NOT NULL CONSTRAINT webhooks_secret_check CHECK (octet_length(secret) >= 32),
    -- NULL: made by the owner of the machine.
    created_by      uuid REFERENCES users ON DELETE SET NULL,
    created_at      timestamptz NOT NULL,
    -- Of the last request, whatever came of it.
    attempted_at    timestamptz,
    -- The HTTP status of its answer; NULL when there was none.
    status          bigint,
    -- Why it failed; NULL when it did not.
    failure         text,
    -- Requests that failed since the last one that did not.
    failures        bigint NOT NULL DEFAULT 0 CONSTRAINT webhooks_failures_check CHECK (failures >= 0),
    failing_since   timestamptz,
    dead_since      timestamptz,
    next_attempt_at timestamptz NOT NULL,
    -- One instance at a time delivers for one webhook; when it dies, its lease ends.
    lease           uuid,
    leased_until    timestamptz,
    CONSTRAINT webhooks_failing_check CHECK ((failures = 0) = (failing_since IS NULL)),
    CONSTRAINT webhooks_lease_check CHECK ((lease IS NULL) = (leased_until IS NULL))
);

-- How far each webhook has come in each of its rooms: everything up to `seq` was delivered.
CREATE TABLE webhook_rooms (
    webhook_id uuid   NOT NULL REFERENCES webhooks ON DELETE CASCADE,
    room_id    uuid   NOT NULL REFERENCES rooms ON DELETE CASCADE,
    seq        bigint NOT NULL,
    PRIMARY KEY (webhook_id, room_id)
);

CREATE INDEX webhook_rooms_room_id_index ON webhook_rooms (room_id);
