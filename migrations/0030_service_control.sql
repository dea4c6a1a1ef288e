-- Which listeners an administrator has stopped, which services are to be restarted, and what the processes report.
--
-- A row of stopped_listener is what is wanted; processes look there. serving_process is what is: each process renews its
-- row while it lives, and after a crash of PostgreSQL writes it again.

CREATE TABLE stopped_listener (
    service     text NOT NULL,
    listener    text NOT NULL,              -- the door's name: imap
    stopped_by  text NOT NULL,
    since       timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (service, listener)
);

CREATE TABLE service_restart (
    service   text PRIMARY KEY,
    asked_by  text NOT NULL,
    asked_at  timestamptz NOT NULL          -- processes that are older end
);

CREATE UNLOGGED TABLE serving_process (
    id          uuid PRIMARY KEY,
    service     text NOT NULL,
    host        text NOT NULL,
    pid         integer NOT NULL,
    supervised  boolean NOT NULL,           -- something starts it again when it ends
    started_at  timestamptz NOT NULL DEFAULT now(),
    seen_at     timestamptz NOT NULL DEFAULT now(),
    doors       jsonb NOT NULL              -- name: {state, held}
);
