-- Memberships are numbered as they begin, so that an instance can ask who came into which room since it last asked. When
-- Redis is away nobody else tells it of a room that none of its sockets hears yet.

ALTER TABLE members ADD COLUMN admission bigint GENERATED ALWAYS AS IDENTITY;

CREATE INDEX members_admission_index ON members (admission);
