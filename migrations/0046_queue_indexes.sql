-- Less to be kept for each recipient in the queue of mail to other servers.
--
-- Nobody looks for leases by their process alone, and without an index on it a claim changes no index at all. A
-- recipient is written with its message by one statement after the other, and deleted with it by the same transaction:
-- that it has one need not be looked at for each row.

DROP INDEX outbound_recipient_leased;
ALTER TABLE outbound_recipient DROP CONSTRAINT outbound_recipient_outbound_id_fkey;
