-- Mail to robots (search@, wiki+PageName@ and the like), which waits to be answered by mail.
--
-- The row is the acceptance of the mail. A process takes it by a lease; the answer, what the mail has changed, and the
-- end of the job are one commit, which only the newest lease can make: so each mail is answered once, whatever dies.

CREATE TABLE robot_job (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    came_at       timestamptz NOT NULL DEFAULT now(),
    leased_until  timestamptz NOT NULL DEFAULT '-infinity',
    done_at       timestamptz,              -- its octets are gone then; the row is what the senders' limits count
    account_id    bigint NOT NULL REFERENCES account ON DELETE CASCADE,  -- who gets the answer
    leases        integer NOT NULL DEFAULT 0,  -- how often it was taken; the number is the lease's name
    is_proved     boolean NOT NULL,         -- the account has signed in; else its address is only the envelope's
    is_notice     boolean NOT NULL,         -- the sender has reached the limit: the answer says so
    robot         text NOT NULL,
    detail        text NOT NULL,            -- what stood behind the "+"
    address       text NOT NULL,            -- the robot's, as it was written to
    sender        text NOT NULL,            -- of the envelope
    digest        bytea NOT NULL,           -- of sender, address and message: one that is sent again is one job
    octets        bytea NOT NULL,           -- the message, or as much of it as the robot reads
    UNIQUE (digest)
);
ALTER TABLE robot_job ALTER COLUMN octets SET STORAGE EXTERNAL;
CREATE INDEX robot_job_waiting ON robot_job (id) WHERE done_at IS NULL;
CREATE INDEX robot_job_of_sender ON robot_job (account_id, robot, came_at);
CREATE INDEX robot_job_done ON robot_job (done_at) WHERE done_at IS NOT NULL;
