"""The fields of a message's header that matter to a server that takes it in, found in one pass."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

_OF_NOTE = re.compile(
    rb"\n(?:(received)|(return-path)|(authentication-results)|(from)|(sender)|(date)|(message-id))[ \t]*:",
    re.IGNORECASE,
)
_RECEIVED, _RETURN_PATH, _RESULTS, _FROM, _SENDER, _DATE, _MESSAGE_ID = range(1, 8)


class Field(NamedTuple):
    """Where a field is in the header: its name, its value behind the colon, its end behind the last CR LF."""

    start: int
    value: int
    end: int


class HeaderFields(NamedTuple):
    """What of a header a server has to look at."""

    received: int  # how many
    return_paths: Sequence[Field]
    authentication_results: Sequence[Field]
    from_: Sequence[Field]
    senders: Sequence[Field]
    has_date: bool
    has_message_id: bool


def find_fields(header: bytes) -> HeaderFields:
    """Look through a header, whose lines end with CR LF. Linear in its length."""
    found: tuple[list[re.Match[bytes]], ...] = tuple([] for _ in range(_MESSAGE_ID + 1))
    # The search begins with the octet before a line: a constant one, which is looked for much faster than line starts.
    octets = b"\n" + header
    for match in _OF_NOTE.finditer(octets):
        assert match.lastindex is not None
        found[match.lastindex].append(match)

    def fields(kind: int) -> list[Field]:
        return [Field(each.start(), each.end() - 1, _end(header, each.end() - 1)) for each in found[kind]]

    return HeaderFields(
        received=len(found[_RECEIVED]),
        return_paths=fields(_RETURN_PATH),
        authentication_results=fields(_RESULTS),
        from_=fields(_FROM),
        senders=fields(_SENDER),
        has_date=bool(found[_DATE]),
        has_message_id=bool(found[_MESSAGE_ID]),
    )


def _end(header: bytes, at: int) -> int:
    """Behind the field's last line: those that begin blank belong to it (RFC 5322 §2.2.3)."""
    while True:
        at = header.find(b"\r\n", at)
        if at < 0:
            return len(header)
        at += 2
        if header[at : at + 1] not in (b" ", b"\t"):
            return at


def without(header: bytes, fields: Sequence[Field]) -> bytes:
    """The header without these fields."""
    kept, at = [], 0
    for field in sorted(fields):
        kept.append(header[at : field.start])
        at = field.end
    return b"".join([*kept, header[at:]])
