-- The keys that mail of a domain is signed with (DKIM), made with the domain. The private half is sealed with the stack's
-- key, which is not in the store (0019_ssh.sql).

CREATE TABLE domain_key (
    domain     text NOT NULL REFERENCES domain ON DELETE CASCADE,
    selector   text NOT NULL,
    algorithm  text NOT NULL,  -- rsa-sha256, ed25519-sha256
    public     text NOT NULL,  -- as its record in DNS says it after p=
    sealed     bytea NOT NULL,
    made_at    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (domain, selector)
);
