-- Rooms by mail: who is sent the posts of a room, each as it comes or in a daily digest, and up to which number.
--
-- The position moves in the transaction that puts the copies into the mailboxes, which holds the row's lock: a post is
-- sent once, whichever process dies.

CREATE TABLE room_subscription (
    folder_id            bigint NOT NULL REFERENCES room ON DELETE CASCADE,
    account_id           bigint NOT NULL REFERENCES account ON DELETE CASCADE,
    since                timestamptz NOT NULL DEFAULT now(),
    digest_at            timestamptz,                  -- of the next digest
    passed_over_at       timestamptz,
    position             integer NOT NULL,             -- the last number that was sent, or that will not be
    passed_over          integer NOT NULL DEFAULT 0,   -- posts that the mailbox did not take
    kind                 text NOT NULL CHECK (kind IN ('each', 'digest')),
    passed_over_because  text NOT NULL DEFAULT '',
    PRIMARY KEY (folder_id, account_id),
    CHECK ((kind = 'digest') = (digest_at IS NOT NULL))
) WITH (fillfactor = 50);  -- a post changes the rows of all who are subscribed to its room
CREATE INDEX room_subscription_behind ON room_subscription (folder_id, position) WHERE kind = 'each';
CREATE INDEX room_subscription_digest ON room_subscription (folder_id, digest_at) WHERE kind = 'digest';
CREATE INDEX room_subscription_of_account ON room_subscription (account_id);
