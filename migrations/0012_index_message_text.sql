-- Search. The configuration "simple" knows no language: it finds the words that stand there, in every language alike.

ALTER TABLE messages
    ADD COLUMN words tsvector GENERATED ALWAYS AS (to_tsvector('simple', body)) STORED;

CREATE INDEX messages_words_index ON messages USING gin (words);
