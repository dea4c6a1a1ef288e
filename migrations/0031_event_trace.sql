-- What became of posts after their arrival, and what no other row tells: the copies and digests that were sent of them.
--
-- A row is written by the transaction that sends, and is never changed; it is forgotten after a while
-- (shared/rooms/subscriptions/sent_trace.py). All else that `agora trace` shows is in the store already.

CREATE TABLE event_trace (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    happened_at  timestamptz NOT NULL DEFAULT now(),
    message_id   bigint NOT NULL,   -- the copy or the digest, as it was put into mailboxes
    folder_id    bigint NOT NULL,   -- the room
    first_uid    integer NOT NULL,  -- numbers of the posts in it
    last_uid     integer NOT NULL,
    recipients   integer NOT NULL,
    kind         text NOT NULL CHECK (kind IN ('copy', 'digest'))
);
CREATE INDEX event_trace_of_posts ON event_trace (folder_id, last_uid);
CREATE INDEX event_trace_by_time ON event_trace (happened_at);
