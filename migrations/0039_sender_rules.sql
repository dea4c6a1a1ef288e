-- Rules about who brings mail: a sender's address (`spam@x.test`), a domain with all below it (`@x.test`), or a network
-- (`192.0.2.0/24`). As with the proxy's rules every process looks at the revision alone to know whether anything is new,
-- and a trigger counts it up, so that a change by hand in psql is noticed as well.

CREATE TABLE sender_rule (
    name     text COLLATE "C" PRIMARY KEY CHECK (name <> ''),  -- lower case, A-labels; a network always with its length
    kind     text NOT NULL CHECK (kind IN ('allow', 'block')),
    made_at  timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE sender_rule_revision (
    only_row  boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    revision  bigint NOT NULL DEFAULT 1
);
INSERT INTO sender_rule_revision DEFAULT VALUES;

CREATE FUNCTION sender_rules_are_new() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE sender_rule_revision SET revision = revision + 1;
    RETURN NULL;
END
$$;
CREATE TRIGGER sender_rules_are_new AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON sender_rule
    FOR EACH STATEMENT EXECUTE FUNCTION sender_rules_are_new();
