"""Which representation a client prefers (Accept, Accept-Encoding: RFC 9110 §12.5)."""

from __future__ import annotations

from collections.abc import Sequence

from shared.bounded_cache import remembers

HTML, MARKDOWN, PLAIN, JSON, PROBLEM = (
    "text/html", "text/markdown", "text/plain", "application/json", "application/problem+json",
)  # fmt: skip
PAGE_TYPES = (HTML, MARKDOWN, PLAIN, JSON)


@remembers(most=512, longest_octets=512)
def preferred_type(accept: bytes) -> str:
    """The best of PAGE_TYPES; HTML where any will do, and where the field is missing or none of them is named."""
    return _best(PAGE_TYPES, accept) or HTML


@remembers(most=512, longest_octets=512)
def error_type(accept: bytes) -> str:
    """HTML for browsers, which name it; JSON; else plain text."""
    named = {name.split(b";")[0].strip().lower() for name in accept.split(b",")}
    if b"text/html" in named or b"application/xhtml+xml" in named:
        return HTML
    if named & {b"application/json", b"application/problem+json"}:
        return JSON
    return PLAIN


@remembers(most=512, longest_octets=512)
def preferred_coding(accept_encoding: bytes) -> bytes:
    """`br`, `gzip`, or empty for none."""
    for coding in (b"br", b"gzip"):
        for item in accept_encoding.lower().split(b","):
            name, *parameters = item.split(b";")
            if name.strip() == coding and _quality(parameters) > 0:
                return coding
    return b""


def _best(types: Sequence[str], accept: bytes) -> str | None:
    best, best_quality = None, 0.0
    for kind in types:
        quality = _quality_of(kind, accept)
        if quality > best_quality:
            best, best_quality = kind, quality
    return best


def _quality_of(kind: str, accept: bytes) -> float:
    """The quality of the most specific range that it is in."""
    family = kind.split("/")[0].encode() + b"/*"
    found: dict[int, float] = {}
    for item in accept.lower().split(b","):
        name, *parameters = item.split(b";")
        name = name.strip()
        rank = {kind.encode(): 3, family: 2, b"*/*": 1}.get(name, 0)
        if rank:
            found[rank] = max(found.get(rank, 0.0), _quality(parameters))
    if not found:
        return 0.0
    return found[max(found)]


def _quality(parameters: Sequence[bytes]) -> float:
    for parameter in parameters:
        name, _, value = parameter.strip().partition(b"=")
        if name == b"q":
            try:
                return float(value)
            except ValueError:
                return 0.0
    return 1.0
