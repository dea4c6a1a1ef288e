"""Lists of tags, `v=1; a=rsa-sha256; …`, as signatures, keys and policies are written (RFC 6376 §3.2)."""

from __future__ import annotations

import re
from collections.abc import Mapping

MOST_TAGS = 50
_NAME = re.compile(rb"[A-Za-z][A-Za-z0-9_]*")
_BLANKS = b" \t\r\n"


class BadTags(Exception):
    """Not by the grammar, or a tag is there twice, or is missing, or has a value that cannot be."""


def read_tags(text: bytes) -> Mapping[str, bytes]:
    """The values by name; blanks around them are taken off. Raises BadTags."""
    found: dict[str, bytes] = {}
    pieces = text.split(b";", MOST_TAGS + 1)
    if len(pieces) > MOST_TAGS:
        raise BadTags("too many tags")
    if not pieces[-1].strip(_BLANKS):
        pieces.pop()
    for piece in pieces:
        name, separator, value = piece.partition(b"=")
        name = name.strip(_BLANKS)
        if not separator or _NAME.fullmatch(name) is None:
            raise BadTags("not a list of tags")
        if name.decode() in found:
            raise BadTags(f"{name.decode()[:20]}= is there twice")
        found[name.decode()] = value.strip(_BLANKS)
    return found


def without_blanks(value: bytes) -> bytes:
    """A value that may be folded anywhere, as base64 is."""
    return value.translate(None, _BLANKS)
