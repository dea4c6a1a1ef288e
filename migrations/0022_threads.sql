-- Threads of rooms, for doors that show them page by page: which thread each article belongs to.
--
-- Threads are made from Message-IDs when somebody looks at a room (shared/rooms/place_in_threads.py), not when an
-- article is posted, so that posting costs nothing more. `reached` is the last number that has its place. A thread's
-- number is that of 64 bits made from the Message-ID of its first message, which need not be here itself: answers to a
-- message that is missing are one thread all the same.

CREATE TABLE thread_reach (
    folder_id  bigint PRIMARY KEY REFERENCES room ON DELETE CASCADE,
    reached    integer NOT NULL DEFAULT 0
);

CREATE TABLE thread_place (
    folder_id  bigint NOT NULL,
    thread     bigint NOT NULL,
    uid        integer NOT NULL,
    PRIMARY KEY (folder_id, uid)
);
CREATE INDEX thread_place_by_thread ON thread_place (folder_id, thread, uid);

CREATE FUNCTION forget_threads() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM thread_place WHERE folder_id = OLD.folder_id;
    RETURN NULL;
END
$$;
CREATE TRIGGER threads_go_with_their_room AFTER DELETE ON room FOR EACH ROW EXECUTE FUNCTION forget_threads();
