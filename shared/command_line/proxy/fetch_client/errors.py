"""What `agora fetch` may fail with, each with the exit status that scripts go by."""

from __future__ import annotations


class NotFetched(Exception):
    """`str()` of it is a sentence for the person who asked."""

    status = 1


class CredentialsAsked(NotFetched):
    """The server asks who it is, and nobody can be asked, or what was said is wrong."""

    status = 3
