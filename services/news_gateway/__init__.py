"""News: rooms as newsgroups, behind NNTP."""
