-- A token is a session that somebody named: a program holds it instead of a browser. So whatever finds, ends or checks
-- a session does the same for tokens.

ALTER TABLE sessions
    ADD COLUMN kind text NOT NULL DEFAULT 'login'
        CONSTRAINT sessions_kind_check CHECK (kind IN ('login', 'token')),
    ADD COLUMN name text,
    ADD COLUMN scopes text[],
    -- NULL: a token that ends only when it is revoked.
    ALTER COLUMN expires_at DROP NOT NULL,
    ADD CONSTRAINT sessions_shape_check CHECK (
        CASE kind
            WHEN 'login' THEN expires_at IS NOT NULL AND name IS NULL AND scopes IS NULL
            ELSE name <> '' AND scopes <@ ARRAY['chat', 'admin'] AND cardinality(scopes) > 0
        END
    );

-- Browsers in which a person logged in before. Guessing at the account from elsewhere does not slow them down.
CREATE TABLE devices (
    -- SHA-256 of the secret in the browser's cookie.
    token_hash   bytea PRIMARY KEY CONSTRAINT devices_token_hash_check CHECK (octet_length(token_hash) = 32),
    user_id      uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    last_used_at timestamptz NOT NULL
);

CREATE INDEX devices_user_id_index ON devices (user_id, last_used_at);
