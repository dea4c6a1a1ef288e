"""Rooms: shared folders that people post to, each at once a newsgroup, an IMAP mailbox and an address."""
