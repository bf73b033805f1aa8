-- Accounts, their sessions, and the one-time secret that makes the first admin.

CREATE TABLE users (
    id            uuid PRIMARY KEY,
    name          text NOT NULL CONSTRAINT users_name_key UNIQUE
                  CONSTRAINT users_name_check CHECK (name ~ '^[a-z0-9_.-]{1,32}$'),
    display_name  text NOT NULL CONSTRAINT users_display_name_check CHECK (display_name <> ''),
    role          text NOT NULL CONSTRAINT users_role_check CHECK (role IN ('member', 'moderator', 'admin', 'bot')),
    -- A PHC string. NULL: the account has no password and cannot log in with one.
    password_hash text,
    created_at    timestamptz NOT NULL,
    disabled_at   timestamptz
);

CREATE TABLE sessions (
    id           uuid PRIMARY KEY,
    user_id      uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    -- SHA-256 of the secret; the secret itself is nowhere.
    token_hash   bytea NOT NULL CONSTRAINT sessions_token_hash_key UNIQUE
                 CONSTRAINT sessions_token_hash_check CHECK (octet_length(token_hash) = 32),
    created_at   timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL,
    last_used_at timestamptz NOT NULL,
    revoked_at   timestamptz,
    address      text,
    user_agent   text
);

CREATE INDEX sessions_user_id_index ON sessions (user_id);

-- At most one row: a newer token replaces the older one.
CREATE TABLE setup_token (
    singleton  boolean PRIMARY KEY DEFAULT true CONSTRAINT setup_token_singleton_check CHECK (singleton),
    token_hash bytea NOT NULL,
    created_at timestamptz NOT NULL
);
