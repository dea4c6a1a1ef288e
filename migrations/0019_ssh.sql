-- SSH: the public keys that accounts sign in with, the server's own keys, the log of commands, and what was typed.
--
-- The server's keys are in the store so that every copy of the service has the same ones, and sealed (AES-256-GCM) with a
-- key that is not: a copy of the database alone is no copy of the server. A row of command_audit is there before its
-- command begins, and stays when the account is deleted.

CREATE TABLE ssh_key (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id    bigint NOT NULL REFERENCES account ON DELETE CASCADE,
    created_at    timestamptz NOT NULL DEFAULT now(),
    last_used_at  timestamptz,              -- to the minute
    kind          text NOT NULL,            -- ssh-ed25519, ssh-rsa, ecdsa-sha2-nistp256, sk-… (RFC 4253 §6.6)
    fingerprint   text NOT NULL,            -- SHA256:…, as ssh-keygen -l shows it
    comment       text NOT NULL,
    blob          bytea NOT NULL,
    UNIQUE (account_id, fingerprint)
);

CREATE TABLE ssh_host_key (
    kind      text PRIMARY KEY,             -- ed25519, rsa, ecdsa
    made_at   timestamptz NOT NULL DEFAULT now(),
    blob      bytea NOT NULL,               -- the public key
    sealed    bytea NOT NULL                -- the private key: nonce and AES-256-GCM of its OpenSSH text
);

CREATE TABLE command_audit (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id   bigint REFERENCES account ON DELETE SET NULL,
    begun_at     timestamptz NOT NULL DEFAULT now(),
    ended_at     timestamptz,
    status       integer,                   -- the exit status; NULL: still running, or its process died
    account      text NOT NULL,             -- its name at the time
    role         text NOT NULL,
    door         text NOT NULL,
    peer         text NOT NULL,
    command      text NOT NULL
);
CREATE INDEX command_audit_of_account ON command_audit (account, id);

CREATE TABLE shell_line (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id  bigint NOT NULL REFERENCES account ON DELETE CASCADE,
    line        text NOT NULL
);
CREATE INDEX shell_line_of_account ON shell_line (account_id, id);
