-- Feeds: the addresses that rooms are filled from, when each is asked next, and which items came already.
--
-- A process that asks a feed holds its row's lease, so that one asks at a time however many there are; the lease runs
-- out when that process dies.

CREATE TABLE feed (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    folder_id      bigint NOT NULL REFERENCES room ON DELETE CASCADE,
    url            text NOT NULL,
    title          text NOT NULL DEFAULT '',
    every          interval NOT NULL DEFAULT '60 minutes',   -- the operator's; the feed may wish longer ones
    etag           text NOT NULL DEFAULT '',
    last_modified  text NOT NULL DEFAULT '',
    next_try_at    timestamptz NOT NULL DEFAULT now(),
    answered_at    timestamptz,                              -- the last time that all was well
    failures       integer NOT NULL DEFAULT 0,               -- in a row
    failing_since  timestamptz,
    error          text NOT NULL DEFAULT '',                 -- the last one's, a sentence
    stopped        boolean NOT NULL DEFAULT false,           -- the server says that it is gone for good (410)
    leased_by      uuid,
    leased_until   timestamptz,
    added_at       timestamptz NOT NULL DEFAULT now(),
    UNIQUE (url, folder_id)
);
CREATE INDEX feed_due ON feed (next_try_at) WHERE NOT stopped;
CREATE INDEX feed_of_room ON feed (folder_id);

-- An item keeps the article it became when its guid changes (`likeness`: title and date) and when it is edited
-- (`digest`: all of it). `edition` counts the articles that an edited item has become.
CREATE TABLE feed_item (
    feed_id     bigint NOT NULL REFERENCES feed ON DELETE CASCADE,
    identity    text NOT NULL,
    likeness    bytea NOT NULL,
    digest      bytea NOT NULL,
    edition     integer NOT NULL DEFAULT 1,
    first_seen  timestamptz NOT NULL,
    last_seen   timestamptz NOT NULL,
    PRIMARY KEY (feed_id, identity)
);
CREATE INDEX feed_item_by_likeness ON feed_item (feed_id, likeness);
CREATE INDEX feed_item_by_time ON feed_item (feed_id, last_seen);
