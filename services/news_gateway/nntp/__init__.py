"""NNTP: the rooms as newsgroups (RFC 3977 and its extensions)."""
