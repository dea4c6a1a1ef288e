-- Hubs that push what is new in feeds (W3C WebSub): what they were asked for, and until when they do it.
--
-- The token is the last part of the address that a hub calls, and the secret signs what it sends; both are new when the
-- feed names another hub.

CREATE TABLE feed_hub (
    feed_id      bigint PRIMARY KEY REFERENCES feed ON DELETE CASCADE,
    hub          text NOT NULL,
    topic        text NOT NULL,                      -- the feed's address as the hub knows it
    token        text NOT NULL UNIQUE,
    secret       text NOT NULL,
    asked_at     timestamptz,                        -- NULL: not yet; nothing is confirmed to the hub then
    active_until timestamptz,                        -- the end of the lease that the hub has confirmed
    next_try_at  timestamptz NOT NULL DEFAULT now(), -- of asking the hub
    failures     integer NOT NULL DEFAULT 0,         -- in a row
    error        text NOT NULL DEFAULT ''
);
CREATE INDEX feed_hub_due ON feed_hub (next_try_at);
