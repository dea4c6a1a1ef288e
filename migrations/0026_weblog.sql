-- The weblog: which articles of a room are posts of it, and where each is found by its date and title.
--
-- Made when somebody looks at the weblog (shared/rooms/place_weblog.py), as threads are. A post keeps its address for
-- ever: the words of its title in the month in which it came.

CREATE TABLE weblog_reach (
    folder_id  bigint PRIMARY KEY REFERENCES room ON DELETE CASCADE,
    reached    integer NOT NULL DEFAULT 0  -- the last number that has been looked at
);

CREATE TABLE weblog_post (
    folder_id  bigint NOT NULL REFERENCES room ON DELETE CASCADE,
    uid        integer NOT NULL,
    month      date NOT NULL,      -- its first day, in UTC
    slug       text NOT NULL,
    PRIMARY KEY (folder_id, uid),
    UNIQUE (folder_id, month, slug)
);
