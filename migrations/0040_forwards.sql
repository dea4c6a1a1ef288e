-- Addresses that lead to addresses elsewhere, alone or beside accounts here (`address`).
--
-- A recipient in the queue may have an envelope sender of its own, and fields that only its copy has on top: what is
-- forwarded names the address that it was for, and bounces to an address of this server.

CREATE TABLE forward (
    local_part     text NOT NULL,       -- as in `address`; '*' is every address of the domain that leads nowhere else
    domain         text NOT NULL REFERENCES domain,
    target         text NOT NULL,       -- as it is written in the envelope
    target_domain  text NOT NULL,       -- in A-labels
    since          timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (domain, local_part, target)
);
CREATE INDEX forward_by_target ON forward (target_domain);

ALTER TABLE outbound_recipient ADD COLUMN own_sender text;  -- NULL: the message's
ALTER TABLE outbound_recipient ADD COLUMN fields text NOT NULL DEFAULT '';  -- header fields, with their lines' ends
