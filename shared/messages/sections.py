"""The sections of a message: where each lies, stored beside it, for FETCH BODY[…] without another scan."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from shared.messages.part import Kind, Part

# One record per part, parents before their children: header start, body start, end (octets), and in the last word
# the kind (2 bits) under the number of parts below. 32 bits hold offsets to 4 GiB, far above any message accepted.
_RECORD = struct.Struct(">IIII")
RECORD_OCTETS = _RECORD.size


class PartPlace(NamedTuple):
    """A part's place in the message, from the packed sections."""

    header_start: int
    body_start: int
    end: int
    kind: Kind
    at: int  # offset of its record
    next_at: int  # offset of the record after it and all below it


def pack_sections(part: Part) -> bytes:
    """The places of `part` (the whole message) and of all parts below it."""
    if not part.children:
        return _RECORD.pack(part.header_start, part.body_start, part.end, part.kind)
    packed = bytearray()
    waiting: list[tuple[Part, int]] = [(part, -1)]
    while waiting:
        part, record_at = waiting.pop()
        if record_at >= 0:  # all below it are packed: now their number is known
            below = (len(packed) - record_at) // RECORD_OCTETS - 1
            place = part.header_start, part.body_start, part.end, part.kind | below << 2
            _RECORD.pack_into(packed, record_at, *place)
            continue
        waiting.append((part, len(packed)))
        packed += bytes(RECORD_OCTETS)
        waiting.extend((child, -1) for child in reversed(part.children))
    return bytes(packed)


def place_at(packed: bytes, at: int) -> PartPlace:
    header_start, body_start, end, last = _RECORD.unpack_from(packed, at)
    return PartPlace(header_start, body_start, end, Kind(last & 3), at, at + RECORD_OCTETS * ((last >> 2) + 1))


def places_below(packed: bytes, place: PartPlace) -> Iterator[PartPlace]:
    """The parts directly below `place`, in order."""
    at = place.at + RECORD_OCTETS
    while at < place.next_at:
        below = place_at(packed, at)
        yield below
        at = below.next_at


def find_section(packed: bytes, path: Sequence[int], what: str = "") -> tuple[int, int] | None:
    """The octets (start, end) of BODY[path.what] in the message, None if there is no such section.

    `path` are the part numbers, empty for the whole message; `what` is "", "HEADER", "TEXT" or "MIME". Numbers go by
    RFC 3501 §6.4.5: a message that is not multipart has a part 1, its body; HEADER and TEXT of a numbered part exist
    only where that part is a message/rfc822, and its numbers are those of the message inside; MIME needs a number.
    """
    message = place_at(packed, 0)
    if not path:
        return _of_message(message, what)
    part = _in_message(packed, message, path[0])
    for number in path[1:]:
        part = _in_part(packed, part, number) if part else None
    if part is None:
        return None
    if what == "MIME":
        return part.header_start, part.body_start
    if what == "":
        return part.body_start, part.end
    return _of_message(place_at(packed, part.at + RECORD_OCTETS), what) if part.kind is Kind.MESSAGE else None


def _of_message(message: PartPlace, what: str) -> tuple[int, int] | None:
    if what == "":
        return message.header_start, message.end
    if what == "HEADER":
        return message.header_start, message.body_start
    return (message.body_start, message.end) if what == "TEXT" else None


def _in_message(packed: bytes, message: PartPlace, number: int) -> PartPlace | None:
    """Part `number` of a message: one of its multipart's, or, where it is a single part, itself as number 1."""
    if message.kind is Kind.MULTIPART:
        return next(islice(places_below(packed, message), number - 1, None), None) if number > 0 else None
    return message if number == 1 else None


def _in_part(packed: bytes, part: PartPlace, number: int) -> PartPlace | None:
    """Part `number` below a part: a multipart's, or the content of a message/rfc822."""
    if part.kind is Kind.MULTIPART:
        return _in_message(packed, part, number)
    return _in_message(packed, place_at(packed, part.at + RECORD_OCTETS), number) if part.kind is Kind.MESSAGE else None
