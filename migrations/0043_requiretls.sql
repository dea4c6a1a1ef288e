-- What the sender of a message that leaves wants of TLS (RFC 8689): 'required' (REQUIRETLS), 'waived' (TLS-Required: No),
-- or '', what the recipient's domain asks for.

ALTER TABLE outbound ADD COLUMN tls text NOT NULL DEFAULT '';
