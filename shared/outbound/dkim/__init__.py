"""DKIM (RFC 6376): the keys of domains, signatures for mail that leaves, and the records to publish."""
