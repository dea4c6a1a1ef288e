"""The errors of the SSH client; the text of each is a sentence for the person."""

from __future__ import annotations


class SshFailed(Exception):
    """There is no session: the server, its key or the sign-in is not as it should be."""
