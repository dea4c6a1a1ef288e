-- What other domains say of the TLS of their mail servers (MTA-STS, RFC 8461): fetched by one process, used by all, and
-- kept when the domain's record or web server cannot be asked, until `max_age` is over.

CREATE TABLE sts_policy (
    domain      text PRIMARY KEY,           -- in A-labels
    id          text NOT NULL,              -- of its record in DNS when it was fetched
    mode        text NOT NULL,              -- enforce, testing, none
    patterns    text[] NOT NULL,            -- of mail servers: a name, or `*.` and a name
    max_age     interval NOT NULL,
    fetched_at  timestamptz NOT NULL DEFAULT now()
);
