-- Threads of rooms by subject: where an answer says neither References nor In-Reply-To, it belongs to the newest thread
-- of its base subject (RFC 5256 §2.1, §3). `subject` is that of 64 bits made from it. Places are made anew when somebody
-- looks at a room; threads keep their numbers.

CREATE TABLE thread_subject (
    folder_id  bigint NOT NULL REFERENCES room ON DELETE CASCADE,
    subject    bigint NOT NULL,
    thread     bigint NOT NULL,
    PRIMARY KEY (folder_id, subject)
);

TRUNCATE thread_place;
UPDATE thread_reach SET reached = 0;
