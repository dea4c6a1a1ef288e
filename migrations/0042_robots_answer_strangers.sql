-- Mail to robots from senders elsewhere, whose answer leaves by the queue. Such a sender has no account: what is counted
-- for its limits is its address, and the network that the mail came from.

ALTER TABLE robot_job ALTER COLUMN account_id DROP NOT NULL;
ALTER TABLE robot_job ADD COLUMN network text NOT NULL DEFAULT '';
ALTER TABLE robot_job ADD CHECK (account_id IS NOT NULL OR network <> '');
CREATE INDEX robot_job_of_strangers ON robot_job (came_at) WHERE account_id IS NULL;
