-- What the proxy may reach, and who used it how much.
--
-- A rule is about a domain with all that is below it (`example.org` covers `www.example.org`), about a network
-- (`192.0.2.0/24`), or about everything (`*`); everybody's, or one account's own. Lists of hundreds of thousands are
-- usual, so a rule is one narrow row, and copies of the proxy look at `access_policy.revision` alone to know whether
-- anything is new. Triggers count it up, so that a change by hand in psql is noticed as well.
--
-- Usage is counted a day, account, host and status at a time. It is written by every copy of the proxy every few seconds
-- in one statement, so nothing there refers to other tables by foreign key (docs/decisions/0008). Account 0 is nobody:
-- somebody who did not sign in; host '' is "others", where one account met too many of them.

CREATE TABLE access_policy (
    only_row  boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    mode      text NOT NULL DEFAULT 'open' CHECK (mode IN ('open', 'listed')),  -- listed: only what a rule allows
    revision  bigint NOT NULL DEFAULT 1  -- of rules, mode and limits together
);
INSERT INTO access_policy DEFAULT VALUES;

CREATE TABLE access_rule (
    name        text COLLATE "C" NOT NULL CHECK (name <> ''),  -- lower case, A-labels; a network always with its length
    kind        text NOT NULL CHECK (kind IN ('allow', 'block')),
    account_id  bigint REFERENCES account ON DELETE CASCADE,   -- NULL: everybody
    list        text NOT NULL DEFAULT '',                      -- the imported list it is from; '': made by hand
    UNIQUE NULLS NOT DISTINCT (name, kind, account_id, list)
);
CREATE INDEX access_rule_of_account ON access_rule (account_id);
CREATE INDEX access_rule_of_list ON access_rule (list);

-- What one account may use; the row without an account is for everybody. NULL in an account's row: as for everybody, and
-- in everybody's: no limit. The greatest value of a column is "no limit" in both.
CREATE TABLE access_limit (
    account_id           bigint REFERENCES account ON DELETE CASCADE,
    requests_per_second  double precision CHECK (requests_per_second > 0),
    burst                integer CHECK (burst > 0),        -- requests at once after a pause
    octets_per_day       bigint CHECK (octets_per_day >= 0),
    connections          integer CHECK (connections > 0),  -- at a time, at each copy of the proxy
    counts_words         boolean,                          -- false: the word report leaves this account out
    UNIQUE NULLS NOT DISTINCT (account_id)
);

CREATE FUNCTION access_is_new() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE access_policy SET revision = revision + 1;
    RETURN NULL;
END
$$;
CREATE TRIGGER access_is_new AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON access_rule
    FOR EACH STATEMENT EXECUTE FUNCTION access_is_new();
CREATE TRIGGER access_is_new AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON access_limit
    FOR EACH STATEMENT EXECUTE FUNCTION access_is_new();

CREATE TABLE usage (
    day         date NOT NULL,     -- UTC
    account_id  bigint NOT NULL,
    host        text COLLATE "C" NOT NULL,
    status      smallint NOT NULL,  -- what the client was told; 200 for a tunnel, 0 for "others"
    requests    bigint NOT NULL,
    octets_in   bigint NOT NULL,   -- from the client
    octets_out  bigint NOT NULL,   -- to the client
    PRIMARY KEY (day, account_id, host, status)
) WITH (fillfactor = 80);  -- rows are counted up all day; in a page with room that touches no index

-- The same summed up: what limits, and reports of accounts and days, ask for.
CREATE TABLE usage_of_account (
    day         date NOT NULL,
    account_id  bigint NOT NULL,
    requests    bigint NOT NULL,
    octets_in   bigint NOT NULL,
    octets_out  bigint NOT NULL,
    PRIMARY KEY (day, account_id)
) WITH (fillfactor = 50);

-- The last batch that each copy of the proxy wrote: one whose commit was not answered is sent again, and counted once.
CREATE TABLE usage_batch (
    copy        uuid PRIMARY KEY,
    number      bigint NOT NULL,
    written_at  timestamptz NOT NULL
) WITH (fillfactor = 50);

CREATE FUNCTION forget_usage() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM usage WHERE account_id = OLD.id;
    DELETE FROM usage_of_account WHERE account_id = OLD.id;
    RETURN NULL;
END
$$;
CREATE TRIGGER forget_usage AFTER DELETE ON account FOR EACH ROW EXECUTE FUNCTION forget_usage();
CREATE INDEX usage_by_account ON usage (account_id, day);
