-- Rooms: folders of nobody's own that people post to, and the articles in them.
--
-- A room is a folder named 'Rooms/' || name, so all that is known of folders holds: numbers, the change log, bodies. An
-- article is an entry there, and a row of `article` with what newsreaders ask for; a crosspost is one message with both
-- in each room. Like entries (0002), articles and identifiers are not checked by foreign keys from row to row.

CREATE TABLE room (
    folder_id    bigint PRIMARY KEY REFERENCES folder ON DELETE CASCADE,
    name         text COLLATE "C" NOT NULL UNIQUE,  -- of a newsgroup (RFC 5536 §3.1.4), in lower case
    description  text NOT NULL DEFAULT '',
    reading      text NOT NULL CHECK (reading IN ('everyone', 'members')),
    posting      text NOT NULL CHECK (posting IN ('everyone', 'members', 'moderators', 'nobody')),
    moderated    boolean NOT NULL DEFAULT false,    -- what others than moderators post is held
    fed          boolean NOT NULL DEFAULT false,    -- a feed fills it, and nobody else
    keep_days    integer CHECK (keep_days > 0),     -- NULL: for ever
    created_at   timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE moderator (
    folder_id   bigint NOT NULL REFERENCES room ON DELETE CASCADE,
    account_id  bigint NOT NULL REFERENCES account ON DELETE CASCADE,
    PRIMARY KEY (folder_id, account_id)
);
CREATE INDEX moderator_by_account ON moderator (account_id);

-- Addresses besides the room's own name, which is one at every domain.
CREATE TABLE room_address (
    domain      text NOT NULL REFERENCES domain ON DELETE CASCADE,
    local_part  text NOT NULL CHECK (local_part = lower(local_part) AND local_part <> ''),
    folder_id   bigint NOT NULL REFERENCES room ON DELETE CASCADE,
    PRIMARY KEY (domain, local_part)
);
CREATE INDEX address_of_room ON room_address (folder_id);

-- The Message-IDs that came, with their angle brackets, at most 250 octets (RFC 3977 §3.6). A row outlives its article:
-- the same one offered again is a duplicate. Who posted it may cancel it.
CREATE TABLE identifier (
    identifier  bytea PRIMARY KEY,
    message_id  bigint NOT NULL,
    account_id  bigint,         -- NULL: a stranger, or a feed
    network     text,           -- where it came from: an address, or an IPv6 network of 64 bits
    door        text NOT NULL,
    came_at     timestamptz NOT NULL
);

CREATE TABLE article (
    folder_id     bigint NOT NULL,
    message_id    bigint NOT NULL,
    came_at       timestamptz NOT NULL,
    cancelled_at  timestamptz,
    cancelled_by  bigint,           -- an account; NULL: who has the key (RFC 8315), or the operator
    uid           integer NOT NULL,
    identifier    bytea NOT NULL,
    overview      bytea NOT NULL,   -- the line of OVER as it is sent, with number, Xref and line end (RFC 3977 §8.3)
    PRIMARY KEY (folder_id, uid)
);
ALTER TABLE article ALTER COLUMN identifier SET STORAGE PLAIN;
ALTER TABLE article ALTER COLUMN overview SET STORAGE MAIN;
CREATE INDEX article_by_time ON article (folder_id, came_at);
CREATE INDEX article_of_message ON article (message_id);
CREATE INDEX article_cancelled ON article (cancelled_at) WHERE cancelled_at IS NOT NULL;

CREATE FUNCTION forget_articles() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM article WHERE folder_id = OLD.folder_id;
    RETURN NULL;
END
$$;
CREATE TRIGGER articles_go_with_their_room AFTER DELETE ON room FOR EACH ROW EXECUTE FUNCTION forget_articles();

-- What waits for a moderator. It has no number, and nobody else sees it.
CREATE TABLE held (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    token       text NOT NULL UNIQUE,      -- part of the addresses that decide about it
    octets      bytea NOT NULL,            -- as it will be posted, without Approved
    folder_ids  bigint[] NOT NULL,         -- of all rooms that it is for
    account_id  bigint,
    network     text,
    door        text NOT NULL,
    identifier  bytea NOT NULL UNIQUE,
    came_at     timestamptz NOT NULL DEFAULT now(),
    decided_at  timestamptz,
    decided_by  bigint,                    -- an account; NULL: the operator
    outcome     text CHECK (outcome IN ('approved', 'rejected', 'duplicate')),
    reason      text NOT NULL DEFAULT ''
);
ALTER TABLE held ALTER COLUMN octets SET STORAGE EXTERNAL;
CREATE INDEX held_undecided ON held (came_at) WHERE decided_at IS NULL;
