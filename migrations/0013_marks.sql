-- Marks: what an account has seen, flagged and answered in a room, as ranges of its numbers, and the log of their changes.
--
-- A room's entries carry no account's flags. Marking takes the lock of the account's own row here, never the folder's,
-- and numbers the change by this row's `modseq`. `folder_modseq` is where the folder's log was when the mark was made:
-- both together are a position (shared/rooms/position.py). There is a row of `mark_change` for each number up to
-- `mark.modseq`, but for the oldest, which are merged into one (shared/rooms/mark_changes.py).

CREATE TABLE mark (
    account_id  bigint NOT NULL REFERENCES account ON DELETE CASCADE,
    folder_id   bigint NOT NULL REFERENCES room ON DELETE CASCADE,
    modseq      integer NOT NULL DEFAULT 0,
    seen        int4multirange NOT NULL DEFAULT '{}',
    flagged     int4multirange NOT NULL DEFAULT '{}',
    answered    int4multirange NOT NULL DEFAULT '{}',
    deleted     int4multirange NOT NULL DEFAULT '{}',  -- a moderator's \Deleted, until EXPUNGE cancels what has it
    PRIMARY KEY (account_id, folder_id)
) WITH (fillfactor = 70);  -- the row changes with every mark
CREATE INDEX mark_in_room ON mark (folder_id);

CREATE TABLE mark_change (
    account_id     bigint NOT NULL,
    folder_id      bigint NOT NULL,
    folder_modseq  bigint NOT NULL,
    modseq         integer NOT NULL,
    uids           int4multirange NOT NULL,
    PRIMARY KEY (account_id, folder_id, modseq)
);

-- In place of a foreign key, which would check every change; it only ever comes under its mark's row lock.
CREATE FUNCTION forget_mark_changes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM mark_change WHERE account_id = OLD.account_id AND folder_id = OLD.folder_id;
    RETURN NULL;
END
$$;
CREATE TRIGGER changes_go_with_their_mark AFTER DELETE ON mark FOR EACH ROW EXECUTE FUNCTION forget_mark_changes();

-- `Rooms` is where the rooms are from now on: an account's own folders of that name would be hidden by them.
UPDATE folder SET name = 'Rooms of my own' || substr(name, length('Rooms') + 1)
WHERE account_id IS NOT NULL AND (name = 'Rooms' OR starts_with(name, 'Rooms/'));
UPDATE subscription SET name = 'Rooms of my own' || substr(name, length('Rooms') + 1)
WHERE name = 'Rooms' OR starts_with(name, 'Rooms/');
