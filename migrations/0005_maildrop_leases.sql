-- Who holds a POP3 maildrop (RFC 1939 §4: one session at a time).
--
-- A lease, not a lock: a process renews its own while it lives, and the leases of one that was killed run out by
-- themselves. Times are the server's, so that processes with different clocks agree.

CREATE TABLE maildrop_lease (
    account_id  bigint PRIMARY KEY REFERENCES account ON DELETE CASCADE,
    holder      uuid NOT NULL,         -- a session's own, made when it signs in
    process     uuid NOT NULL,         -- the process it lives in, which renews all of its leases at once
    expires_at  timestamptz NOT NULL
);
CREATE INDEX maildrop_lease_of_process ON maildrop_lease (process);
