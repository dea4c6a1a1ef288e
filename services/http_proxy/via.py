"""Via (RFC 9110 §7.6.3): the name this proxy has in it, and whether a request came through already."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable


def pseudonym_of(*names: str) -> bytes:
    """A name for this stack's proxies, the same for each copy; it reveals nothing about the network inside."""
    return b"agora-" + hashlib.sha256("\0".join(names).encode()).hexdigest()[:12].encode()


def passed_through(via: Iterable[bytes], pseudonym: bytes) -> bool:
    """Whether one of the proxies in these values of Via is `pseudonym`."""
    for value in via:
        if pseudonym in value:
            for hop in value.split(b","):
                if hop.split()[1:2] == [pseudonym]:
                    return True
    return False
