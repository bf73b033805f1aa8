/// The role as which the chat works: it reads and writes rows, changes no tables, and in the audit log only inserts.
///
/// Whoever migrates owns the tables and makes the role, where the database lets them. The connections of the chat then
/// take it on, so that even the owner's login works without the owner's rights. For a wall instead of a railing give the
/// instances a login of their own that is a member of the role, and migrate with the owner's.
enum ApplicationRole {
    /// One for all chats of a server: what it may do is said in each database.
    static let name = "chat_app"

    /// Makes the role and says what it may do with the tables as they are now. Where that is not allowed nothing
    /// changes, and the chat goes on as the owner.
    static let grants = """
        DO $$
        DECLARE
            owned text;
        BEGIN
            IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'chat_app') THEN
                BEGIN
                    CREATE ROLE chat_app NOLOGIN;
                EXCEPTION WHEN duplicate_object OR unique_violation THEN
                    -- Somebody made it in this moment, for another database.
                END;
            END IF;
            IF NOT pg_has_role(current_user, 'chat_app', 'MEMBER') THEN
                EXECUTE format('GRANT chat_app TO %I', current_user);
            END IF;
            EXECUTE format('GRANT USAGE ON SCHEMA %I TO chat_app', current_schema());
            -- Before version 15 PostgreSQL let everybody make tables in this schema.
            EXECUTE format('REVOKE CREATE ON SCHEMA %I FROM PUBLIC', current_schema());
            FOR owned IN
                SELECT format('%I.%I', schemaname, tablename) FROM pg_tables
                 WHERE schemaname = current_schema() AND pg_has_role(current_user, tableowner, 'MEMBER')
            LOOP
                EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO chat_app', owned);
            END LOOP;
            IF to_regclass('audit') IS NOT NULL THEN
                REVOKE UPDATE, DELETE, TRUNCATE ON audit FROM chat_app;
            END IF;
            REVOKE INSERT, UPDATE, DELETE ON schema_migrations FROM chat_app;
        EXCEPTION WHEN insufficient_privilege THEN
            -- A database whose owner may not make roles.
        END
        $$
        """

    /// Takes the role on for the rest of the connection, if there is one with rights in this database.
    static let assume: SQL = """
        SELECT set_config('role', r.rolname, false)
          FROM pg_roles r
         WHERE r.rolname = 'chat_app' AND pg_has_role(session_user, r.oid, 'MEMBER')
           AND has_table_privilege(r.oid, to_regclass('users'), 'SELECT')
        """
}
