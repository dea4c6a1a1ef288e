-- Requests to be sent a room's posts, or no more, whose sender is not proved: they wait until somebody who reads the
-- account's mail answers. One for each account and room, so that strangers fill no mailbox with questions.

CREATE TABLE subscription_request (
    folder_id   bigint NOT NULL REFERENCES room ON DELETE CASCADE,
    account_id  bigint NOT NULL REFERENCES account ON DELETE CASCADE,
    verb        text NOT NULL CHECK (verb IN ('subscribe', 'digest', 'unsubscribe')),
    token       text NOT NULL UNIQUE,          -- part of the address that confirms it
    asked_at    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (folder_id, account_id)
);
CREATE INDEX subscription_request_of_account ON subscription_request (account_id);
