"""The Authentication-Results fields of a message that have one server's name (RFC 8601 §2.5), or might be read so."""

from __future__ import annotations

import re
from collections.abc import Sequence

from shared.messages.header_fields import Field, HeaderFields

_NAME = re.compile(rb'[ \t\r\n]*(?:"((?:[^"\\]|\\.)*)"|([^ \t\r\n;()"]+))', re.DOTALL)
MOST_COMMENT_OCTETS = 256  # with the name; a thousand such fields take some 50 ms. What is longer goes
_OPENS, _CLOSES, _ESCAPES = b"()\\"
# Some readers pass over a form feed or a no-break space before a name and end it at "=" or ",".
_NAME_OCTETS = re.compile(rb"[a-z0-9_.-]+")


def results_of(header: HeaderFields, hostname: str) -> Sequence[Field]:
    """Those that any reader might take for the results of the server `hostname`."""
    found = header.find(b"authentication-results")
    name = hostname.lower().encode()
    return [each for each in found if _names(header.value(each), name)] if found else ()


def _names(value: bytes, name: bytes) -> bool:
    """Whether `value` has `name` as its authserv-id, as far as any reader might think so."""
    beginning = _without_comments(value[:MOST_COMMENT_OCTETS])
    match = _NAME.match(beginning)
    if match is None or (match.end() == len(beginning) and len(value) > MOST_COMMENT_OCTETS):
        return True  # it cannot be read, so it may be taken for ours
    found = re.sub(rb"\\(.)", rb"\1", match[1], flags=re.DOTALL) if match[1] is not None else match[2]
    word = _NAME_OCTETS.search(found.lower())
    return word is None or word[0].rstrip(b".") == name.rstrip(b".")


def _without_comments(value: bytes) -> bytes:
    """`value` without the comments, maybe nested, before its first word (RFC 5322 §3.2.2)."""
    at, depth = 0, 0
    while at < len(value):
        octet = value[at]
        if octet == _OPENS:
            depth += 1
        elif octet == _CLOSES and depth:
            depth -= 1
        elif octet == _ESCAPES and depth:
            at += 1
        elif not depth and octet not in b" \t\r\n":
            return value[at:]
        at += 1
    return b""
