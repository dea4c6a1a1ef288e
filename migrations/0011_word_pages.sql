-- How many web pages the word report is about, and how many it leaves out for which reason: an empty report says why.
--
-- A day and account at a time, written with the words (0009). Names of outcomes: shared/access/words/counts.py.

CREATE TABLE word_page (
    account_id  bigint NOT NULL,
    day         date NOT NULL,      -- UTC
    outcome     text COLLATE "C" NOT NULL,
    pages       bigint NOT NULL,
    PRIMARY KEY (account_id, day, outcome)
) WITH (fillfactor = 50);  -- a few rows that are counted up all day
CREATE INDEX word_page_by_day ON word_page (day);

CREATE OR REPLACE FUNCTION forget_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM word WHERE account_id = OLD.id;
    DELETE FROM word_page WHERE account_id = OLD.id;
    RETURN NULL;
END
$$;
