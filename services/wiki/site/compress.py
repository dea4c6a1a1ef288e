"""Compressed bodies (RFC 9110 §8.4.1): br or gzip, of text from a kibioctet on."""

from __future__ import annotations

import gzip
from hashlib import blake2b

import brotli

from shared.bounded_cache import ENTRY_OCTETS, BoundedCache

LEAST_OCTETS = 1024
MOST_OCTETS = 512 * 1024  # larger ones would keep the reactor for more than 10 ms; they are sent as they are
REMEMBERED_OCTETS = 8 << 20  # some thousand pages
_BR_QUALITY = 4  # as fast as gzip's 5, and smaller
_GZIP_LEVEL = 5
_KINDS = (b"text/", b"application/json", b"application/problem+json", b"application/atom+xml", b"application/rss+xml",
          b"application/xml", b"image/svg+xml")  # fmt: skip
_remembered: BoundedCache[bytes, bytes] = BoundedCache(REMEMBERED_OCTETS, lambda body: len(body) + ENTRY_OCTETS)


def is_compressible(content_type: bytes, octets: int) -> bool:
    """Whether it is worth it."""
    return LEAST_OCTETS <= octets <= MOST_OCTETS and content_type.startswith(_KINDS)


def compressed(body: bytes, coding: bytes) -> bytes:
    """The body in `br` or `gzip`; one that many ask for is compressed once."""
    key = coding + blake2b(body, digest_size=16).digest()
    known = _remembered.get(key)
    if known is None:
        if coding == b"br":
            known = bytes(brotli.compress(body, quality=_BR_QUALITY))
        else:
            known = gzip.compress(body, _GZIP_LEVEL, mtime=0)
        _remembered.put(key, known)
    return known
