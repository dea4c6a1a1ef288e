-- The wiki's changes as messages of the room agora.wiki.changes, in which replies are comments on pages.
--
-- A change leaves a row in `page_news` in its own commit; the commit that posts its message deletes it
-- (shared/wiki/changes_room). All messages about a page are one thread, which `page_thread` knows by its first message.

CREATE TABLE page_news (
    change_id  bigint PRIMARY KEY  -- of page_change: a change that is not posted yet
);

CREATE TABLE page_thread (
    page_id     bigint NOT NULL REFERENCES page ON DELETE CASCADE,
    folder_id   bigint NOT NULL REFERENCES room ON DELETE CASCADE,
    thread      bigint NOT NULL,            -- as thread_place has it
    counted_at  timestamptz,                -- when the page's comments were looked at; NULL: it never had any
    identifier  bytea NOT NULL,             -- the Message-ID that the messages of this page refer to
    PRIMARY KEY (page_id, folder_id)
);
CREATE INDEX page_thread_by_thread ON page_thread (folder_id, thread);
CREATE INDEX page_thread_counted ON page_thread (counted_at) WHERE counted_at IS NOT NULL;

CREATE TABLE comment_reach (
    folder_id  bigint PRIMARY KEY REFERENCES room ON DELETE CASCADE,
    reached    integer NOT NULL DEFAULT 0   -- the last number that was looked at
);

-- Which comments there are, as one number; 0: none. What is shown of a page is remembered by it.
ALTER TABLE page ADD COLUMN comments_state bigint NOT NULL DEFAULT 0;

-- A room in which nobody begins a thread.
ALTER TABLE room ADD COLUMN replies_only boolean NOT NULL DEFAULT false;
