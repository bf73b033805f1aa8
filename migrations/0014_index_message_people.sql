-- Removing an account asks whether an entry refers to it. Few entries do, so the indexes are small, and a message that is
-- sent is in none of them.

CREATE INDEX messages_target_id_index ON messages (target_id) WHERE target_id IS NOT NULL;
CREATE INDEX messages_deleted_by_index ON messages (deleted_by) WHERE deleted_by IS NOT NULL;
