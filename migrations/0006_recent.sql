-- IMAP's \Recent: the first session that is told of a message sees it as recent, no other does (RFC 3501 §2.3.2).
--
-- Apart from `folder`, whose row lock the writers of messages need. A folder without a row has told nobody of anything.

CREATE TABLE recent (
    folder_id   bigint PRIMARY KEY REFERENCES folder ON DELETE CASCADE,
    told_below  integer NOT NULL DEFAULT 1  -- some session was the first to be told of every UID below
) WITH (fillfactor = 50);
