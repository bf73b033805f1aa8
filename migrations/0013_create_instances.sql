-- The instances that run, for the time when Redis does not answer. A row is a heartbeat: who has not renewed it for a
-- while is gone.

CREATE TABLE instances (
    id        text PRIMARY KEY,
    -- As in the registry in Redis; only the fleet reads it.
    record    text NOT NULL,
    last_seen timestamptz NOT NULL
);
