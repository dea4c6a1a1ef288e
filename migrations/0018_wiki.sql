-- The wiki: pages, every change of theirs, and what they link to.
--
-- A row of `page` is a name with its newest state, so that lists read nothing else; `page_change` is the log, in which
-- those that have a source are the page's revisions. Links and what is searched are written by the commit that writes
-- the source. As with articles (0012), names of accounts are kept: the account may go, what it wrote stays.

CREATE TABLE page (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    saved_at    timestamptz NOT NULL DEFAULT now(),
    deleted_at  timestamptz,
    account_id  bigint,                        -- who saved the newest revision; NULL: a stranger
    revision    integer NOT NULL DEFAULT 0,    -- the newest; goes on counting after a deletion
    octets      integer NOT NULL DEFAULT 0,
    name        text COLLATE "C" NOT NULL UNIQUE,  -- shared/wiki/name.py has its one spelling
    author      text NOT NULL DEFAULT '',      -- the account's name, or a network
    writers     text CHECK (writers IN ('everyone', 'members', 'moderators', 'admins'))  -- NULL: as the site has it
);
CREATE INDEX page_there ON page (name) WHERE deleted_at IS NULL;

CREATE TABLE page_change (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    page_id     bigint NOT NULL REFERENCES page ON DELETE CASCADE,
    changed_at  timestamptz NOT NULL DEFAULT now(),
    account_id  bigint,
    revision    integer NOT NULL,              -- the new one; of what is no save, the one that was the newest
    octets      integer NOT NULL DEFAULT 0,
    minor       boolean NOT NULL DEFAULT false,
    merged      boolean NOT NULL DEFAULT false,
    kind        text NOT NULL CHECK (kind IN ('created', 'edited', 'deleted', 'undeleted', 'renamed', 'attached',
                                              'detached')),
    name        text COLLATE "C" NOT NULL,     -- the page's at that time
    author      text NOT NULL,
    door        text NOT NULL DEFAULT '',
    comment     text NOT NULL DEFAULT '',
    source      bytea                          -- UTF-8 as it came, which may have NUL
);
CREATE UNIQUE INDEX page_revision ON page_change (page_id, revision) WHERE source IS NOT NULL;
CREATE INDEX page_change_of_page ON page_change (page_id, id);
CREATE INDEX page_change_by_time ON page_change (changed_at, id);

-- Which names a page links to, whether there are such pages or not. A page that is deleted links to nothing.
CREATE TABLE page_link (
    page_id  bigint NOT NULL REFERENCES page ON DELETE CASCADE,
    target   text COLLATE "C" NOT NULL,
    PRIMARY KEY (page_id, target)
);
CREATE INDEX page_link_to ON page_link (target, page_id);

-- The former names of pages that were renamed. A page that is made under such a name takes it.
CREATE TABLE page_redirect (
    name     text COLLATE "C" PRIMARY KEY,
    page_id  bigint NOT NULL REFERENCES page ON DELETE CASCADE
);
CREATE INDEX page_redirect_of_page ON page_redirect (page_id);

-- What is searched of a page that is there: words, and the letters and pairs of letters of scripts that put no space
-- between words (shared/wiki/search_words.py).
CREATE TABLE page_text (
    page_id  bigint PRIMARY KEY REFERENCES page ON DELETE CASCADE,
    words    tsvector NOT NULL,
    grams    text[] COLLATE "C" NOT NULL DEFAULT '{}'
);
CREATE INDEX page_text_words ON page_text USING gin (words);
CREATE INDEX page_text_grams ON page_text USING gin (grams);

-- The first page, which an administrator writes anew.
WITH
source (octets) AS (VALUES (convert_to($text$# Welcome

This is the front page of your wiki. Members change it with *Edit*, and every former text stays in its history.

- Two or more words that are written together, each with a capital letter, are a link: WikiHome leads here.
- Square brackets link to any title: `[[Any Title]]`.
- A link to a page that is missing leads to an empty one, ready to be written.

The rest is [Markdown](https://commonmark.org/help/): tables, footnotes, task lists and code in colours, too.
$text$, 'UTF8'))),
home (id, octets) AS (
    INSERT INTO page (name, revision, author, octets)
        SELECT 'WikiHome', 1, 'admin', length(octets) FROM source RETURNING id, octets),
change AS (
    INSERT INTO page_change (page_id, revision, octets, kind, name, author, comment, source)
        SELECT home.id, 1, home.octets, 'created', 'WikiHome', 'admin', 'the first page', source.octets
        FROM home, source),
link AS (INSERT INTO page_link (page_id, target) SELECT id, 'WikiHome' FROM home)
INSERT INTO page_text (page_id, words)
    SELECT id, setweight(to_tsvector('simple', 'wikihome wiki home'), 'A')
        || to_tsvector('simple', regexp_replace(lower(convert_from(source.octets, 'UTF8')), '[^a-z0-9]+', ' ', 'g'))
    FROM home, source;
