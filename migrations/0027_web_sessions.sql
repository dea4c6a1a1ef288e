-- Who is signed in with a browser. The secret is in the browser's cookie alone; `id` is a digest of it.

CREATE TABLE web_session (
    id          bytea PRIMARY KEY CHECK (length(id) = 32),
    account_id  bigint NOT NULL REFERENCES account ON DELETE CASCADE,
    agent       text NOT NULL,  -- what the browser calls itself, for its owner to know it again
    host        text NOT NULL,
    kept        boolean NOT NULL,
    began_at    timestamptz NOT NULL DEFAULT now(),
    used_at     timestamptz NOT NULL DEFAULT now(),
    expires_at  timestamptz NOT NULL
);
CREATE INDEX web_session_of_account ON web_session (account_id, used_at);
CREATE INDEX web_session_expires ON web_session (expires_at);
