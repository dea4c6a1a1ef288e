-- The question "is there any app password made for APOP?" is asked whenever an account changes: POP3's greeting has its
-- timestamp (RFC 1939 §7) only while there is one. An index of a few rows answers it, however many accounts there are.

CREATE INDEX credential_for_apop ON credential (id) WHERE apop_secret IS NOT NULL;
