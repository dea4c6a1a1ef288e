-- What `agora trace` finds messages by, and each attempt to send one to another server.
--
-- An attempt is written by the transaction that settles it (shared/outbound/attempt_trace.py), and tells its envelope
-- as well: the rows of the queue go once the last recipient has the message, and the message goes with them where it is
-- in no mailbox. Keys are written behind, so that taking in mail costs nothing more (shared/folders/key_messages.py):
-- `reached` is the last message that has them, `newest` the newest as of `seen_at`. All three are forgotten after a while.

CREATE TABLE event_trace_key (
    message_id   bigint PRIMARY KEY,
    happened_at  timestamptz NOT NULL DEFAULT now(),
    queue_id     bigint,  -- as in `250 … taken as ID`; NULL: it came by no mail door
    identifier   bigint   -- the first 64 bits of a hash of Message-ID; NULL: it has none
);
CREATE INDEX event_trace_key_by_queue_id ON event_trace_key (queue_id) WHERE queue_id IS NOT NULL;
CREATE INDEX event_trace_key_by_identifier ON event_trace_key (identifier) WHERE identifier IS NOT NULL;
CREATE INDEX event_trace_key_by_time ON event_trace_key (happened_at);

CREATE TABLE event_trace_reach (
    reached  bigint NOT NULL,
    newest   bigint NOT NULL,
    seen_at  timestamptz NOT NULL DEFAULT now()
);
INSERT INTO event_trace_reach (reached, newest) SELECT greatest(0, newest - 1000000), newest
    FROM (SELECT coalesce(max(id), 0) AS newest FROM message) AS messages;

CREATE TABLE event_trace_attempt (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    happened_at  timestamptz NOT NULL DEFAULT now(),
    message_id   bigint NOT NULL,
    queue_id     text NOT NULL,
    account_id   bigint,            -- who sent it; NULL: this server
    sender       text NOT NULL,     -- '' is the null sender
    queued_at    timestamptz NOT NULL,
    address      text NOT NULL,
    attempt      integer NOT NULL,  -- 1 is the first
    fate         text NOT NULL CHECK (fate IN ('delivered', 'deferred', 'failed')),
    host         text NOT NULL,     -- '' where no server said anything
    reply        text NOT NULL
);
CREATE INDEX event_trace_attempt_of_message ON event_trace_attempt (message_id);
CREATE INDEX event_trace_attempt_by_queue_id ON event_trace_attempt (queue_id);
CREATE INDEX event_trace_attempt_by_time ON event_trace_attempt (happened_at);
