-- Addresses elsewhere that members have their own mail sent on to. Nothing is sent there before it is confirmed from
-- there: `token` is in the question, as part of a link and of the address that a reply goes to.

CREATE TABLE own_forward (
    account_id     bigint NOT NULL REFERENCES account ON DELETE CASCADE,
    target         text NOT NULL,       -- as it is written in the envelope
    target_domain  text NOT NULL,       -- in A-labels
    token          text NOT NULL UNIQUE,
    asked_at       timestamptz NOT NULL DEFAULT now(),
    confirmed_at   timestamptz          -- NULL: waits
);
CREATE UNIQUE INDEX own_forward_of_account ON own_forward (account_id, lower(target));
CREATE INDEX own_forward_by_target ON own_forward (target_domain);

-- Whether mail that is sent on is kept here, too.
ALTER TABLE account ADD COLUMN keeps_forwarded boolean NOT NULL DEFAULT true;
