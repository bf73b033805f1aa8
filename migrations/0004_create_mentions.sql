-- Who is named in which message: a badge counts the rows after the reading position.

CREATE TABLE mentions (
    user_id uuid   NOT NULL REFERENCES users ON DELETE CASCADE,
    room_id uuid   NOT NULL REFERENCES rooms ON DELETE CASCADE,
    seq     bigint NOT NULL,
    PRIMARY KEY (user_id, room_id, seq)
);
