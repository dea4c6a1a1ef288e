-- The zone in which a message's INTERNALDATE was given, in minutes east of UTC: IMAP gives the date back as it came, and
-- searches by its day there (RFC 3501 §6.4.4: disregarding time and timezone).

ALTER TABLE message ADD COLUMN received_zone smallint NOT NULL DEFAULT 0;
