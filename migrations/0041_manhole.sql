-- Python that administrators run inside a process: the lines, and what they show, on their way through the store.
--
-- Both are sealed with the key of the stack: who can write here alone can have nothing run, and who can read here alone
-- sees nothing. A process makes a `nonce` for each console, which is part of every seal, so that no row is
-- good twice. Nothing here outlives its console.

ALTER TABLE serving_process ADD COLUMN manhole boolean NOT NULL DEFAULT false;  -- runs such lines

CREATE UNLOGGED TABLE manhole_console (
    id         uuid PRIMARY KEY,
    process    uuid NOT NULL,
    nonce      text,                                -- NULL until the process has opened it; '': it has too many
    cancelled  integer NOT NULL DEFAULT 0,          -- the number of the line that Ctrl-C was pressed for
    seen_at    timestamptz NOT NULL DEFAULT now()   -- when the administrator's shell was last seen
);

CREATE UNLOGGED TABLE manhole_line (
    console  uuid NOT NULL REFERENCES manhole_console ON DELETE CASCADE,
    number   integer NOT NULL,                      -- from 1
    source   bytea NOT NULL,                        -- sealed
    shown    bytea,                                 -- sealed; empty: `source` was sealed with another key
    PRIMARY KEY (console, number)
);
