-- The word report: how often each word occurred in the web pages that passed through the proxy.
--
-- Counted a day and account at a time, and not by host or page: what is kept does not tell who read what where. Written
-- as `usage` is (0008): by every copy of the proxy, every few seconds, without foreign keys; account 0 is nobody.

CREATE TABLE word (
    account_id  bigint NOT NULL,
    day         date NOT NULL,      -- UTC
    word        text COLLATE "C" NOT NULL,
    times       bigint NOT NULL,    -- how often it occurred
    documents   bigint NOT NULL,    -- in how many pages
    PRIMARY KEY (account_id, day, word)
) WITH (fillfactor = 80);  -- rows are counted up all day; in a page with room that touches no index
CREATE INDEX word_by_day ON word (day);

-- The last batch that each copy of the proxy wrote: one whose commit was not answered is sent again, and counted once.
CREATE TABLE word_batch (
    copy        uuid PRIMARY KEY,
    number      bigint NOT NULL,
    written_at  timestamptz NOT NULL
) WITH (fillfactor = 50);

CREATE FUNCTION forget_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM word WHERE account_id = OLD.id;
    RETURN NULL;
END
$$;
CREATE TRIGGER forget_words AFTER DELETE ON account FOR EACH ROW EXECUTE FUNCTION forget_words();
