-- Questions about sessions, which every process answers for its own; nothing here outlives the command that asked.

CREATE UNLOGGED TABLE session_question (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    asked_at  timestamptz NOT NULL DEFAULT now(),
    kind      text NOT NULL CHECK (kind IN ('list', 'end', 'watch')),
    account   text,                     -- only this account's sessions; NULL: all
    session   text,                     -- of 'end' and 'watch': the one that is meant
    until     timestamptz,              -- of 'watch'
    read_at   timestamptz NOT NULL DEFAULT now()  -- when whoever watches was last seen to read
);

CREATE UNLOGGED TABLE session_answer (
    question_id  bigint NOT NULL REFERENCES session_question ON DELETE CASCADE,
    process      uuid NOT NULL,
    answer       jsonb NOT NULL,
    PRIMARY KEY (question_id, process)
);

CREATE UNLOGGED TABLE session_line (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    question_id  bigint NOT NULL REFERENCES session_question ON DELETE CASCADE,
    line         text                   -- NULL: the session is over
);
CREATE INDEX session_line_of_question ON session_line (question_id, id);
