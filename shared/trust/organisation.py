"""The organisation that a domain belongs to: its organisational domain (RFC 7489 §3.2), by the public suffix list."""

from __future__ import annotations

from threading import Lock
from typing import Any

from shared.bounded_cache import remembers

_loading = Lock()
_list: Any = None


def load_suffixes() -> None:
    """Read the list, once: it takes 0.2 s, so call it in a thread."""
    global _list
    with _loading:
        if _list is None:
            from publicsuffixlist import PublicSuffixList

            _list = PublicSuffixList()


def are_suffixes_loaded() -> bool:
    return _list is not None


@remembers(most=1024, longest_octets=256)
def organisational_domain(domain: str) -> str:
    """Of a domain in lower case and A-labels; `domain` itself if it is a public suffix."""
    load_suffixes()
    found: str | None = _list.privatesuffix(domain)
    return found or domain


def are_aligned(one: str, other: str, *, strict: bool) -> bool:
    """Whether two domains count as the same (RFC 7489 §3.1)."""
    if one == other or strict:
        return one == other and bool(one)
    return organisational_domain(one) == organisational_domain(other)
