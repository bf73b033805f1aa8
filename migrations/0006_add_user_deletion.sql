-- A deleted account keeps its row, because messages have an author; its name is free for somebody else.

ALTER TABLE users
    ADD COLUMN deleted_at timestamptz,
    -- Whatever keeps a disabled account out keeps a deleted one out.
    ADD CONSTRAINT users_deleted_check
        CHECK (deleted_at IS NULL OR (disabled_at IS NOT NULL AND password_hash IS NULL));

-- "Is there another admin?" is asked whenever one of them goes.
CREATE INDEX users_admin_index ON users (id) WHERE role = 'admin' AND disabled_at IS NULL;
