-- Who did what to whom, when, and from where. Written in the transaction of the act itself, and never changed.

CREATE TABLE audit (
    -- UUIDv7: in the order of time, which is the order in which it is read.
    id           uuid PRIMARY KEY,
    at           timestamptz NOT NULL,
    actor_kind   text NOT NULL CONSTRAINT audit_actor_kind_check CHECK (actor_kind IN ('person', 'system')),
    -- No foreign keys and the names as they were: an entry outlives what it tells of.
    actor_id     uuid,
    actor_name   text NOT NULL,
    action       text NOT NULL CONSTRAINT audit_action_check CHECK (action <> ''),
    subject_kind text NOT NULL,
    subject_id   text,
    subject_name text,
    detail       jsonb NOT NULL DEFAULT '{}' CONSTRAINT audit_detail_check CHECK (jsonb_typeof(detail) = 'object'),
    address      text,
    CONSTRAINT audit_actor_check CHECK ((actor_kind = 'person') = (actor_id IS NOT NULL))
);

CREATE INDEX audit_actor_name_index ON audit (actor_name, id);
CREATE INDEX audit_action_index ON audit (action, id);

-- The application's role may only insert. Who owns the table has every right, so it is also held by a trigger.
CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit log is append-only' USING ERRCODE = 'insufficient_privilege';
END
$$;

CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();
