-- Where mail for an address goes.
--
-- Mail is accepted for the domains listed here and no others. An address with several rows leads to several accounts.
-- postmaster and abuse (RFC 2142) need no row: without one they lead to every enabled admin.

CREATE TABLE domain (
    name  text PRIMARY KEY CHECK (name = lower(name) AND name <> '')
);

CREATE TABLE address (
    local_part  text NOT NULL CHECK (local_part = lower(local_part) AND local_part <> ''),
    domain      text NOT NULL REFERENCES domain,
    account_id  bigint NOT NULL REFERENCES account ON DELETE CASCADE,
    PRIMARY KEY (domain, local_part, account_id)
);
CREATE INDEX address_of_account ON address (account_id);
