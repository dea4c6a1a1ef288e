"""POP3: a maildrop that stays as it was at sign-in (RFC 1939, RFC 2449)."""
