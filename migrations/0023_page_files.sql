-- Files that are attached to pages, each with its own revisions; and which pages an account watches.
--
-- The octets are in pieces of 256 KiB, so that a range of a large file is read without the rest of it.

CREATE TABLE page_file (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    page_id     bigint NOT NULL REFERENCES page ON DELETE CASCADE,
    deleted_at  timestamptz,
    revision    integer NOT NULL DEFAULT 0,        -- the newest
    name        text COLLATE "C" NOT NULL,
    UNIQUE (page_id, name)
);

CREATE TABLE page_file_revision (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    file_id     bigint NOT NULL REFERENCES page_file ON DELETE CASCADE,
    account_id  bigint,
    saved_at    timestamptz NOT NULL DEFAULT now(),
    revision    integer NOT NULL,
    octets      integer NOT NULL,
    media_type  text NOT NULL,
    author      text NOT NULL,
    comment     text NOT NULL DEFAULT '',
    digest      bytea NOT NULL,                    -- SHA-256
    UNIQUE (file_id, revision)
);

CREATE TABLE page_file_piece (
    revision_id  bigint NOT NULL REFERENCES page_file_revision ON DELETE CASCADE,
    piece        integer NOT NULL,                 -- 0, 1, …; all but the last have 256 KiB
    octets       bytea NOT NULL,
    PRIMARY KEY (revision_id, piece)
);
ALTER TABLE page_file_piece ALTER COLUMN octets SET STORAGE EXTERNAL;  -- what is attached is compressed already

CREATE TABLE page_watch (
    account_id  bigint NOT NULL REFERENCES account ON DELETE CASCADE,
    page_id     bigint NOT NULL REFERENCES page ON DELETE CASCADE,
    since       timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account_id, page_id)
);
CREATE INDEX page_watch_of_page ON page_watch (page_id);
