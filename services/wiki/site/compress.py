"""Compressed bodies (RFC 9110 §8.4.1): br or gzip, of text from a kibioctet on."""

from __future__ import annotations

import gzip

import brotli

LEAST_OCTETS = 1024
MOST_OCTETS = 512 * 1024  # larger ones would keep the reactor for more than 10 ms; they are sent as they are
_BR_QUALITY = 4  # as fast as gzip's 5, and smaller
_GZIP_LEVEL = 5
_KINDS = (b"text/", b"application/json", b"application/problem+json", b"application/atom+xml", b"application/rss+xml",
          b"application/xml", b"image/svg+xml")  # fmt: skip


def is_compressible(content_type: bytes, octets: int) -> bool:
    """Whether it is worth it."""
    return LEAST_OCTETS <= octets <= MOST_OCTETS and content_type.startswith(_KINDS)


def compressed(body: bytes, coding: bytes) -> bytes:
    """The body in `br` or `gzip`."""
    if coding == b"br":
        return bytes(brotli.compress(body, quality=_BR_QUALITY))
    return gzip.compress(body, _GZIP_LEVEL, mtime=0)
