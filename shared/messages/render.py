"""The rendering of a message: everything the store keeps of it besides its octets, made once, at acceptance."""

from __future__ import annotations

from datetime import datetime
from mmap import mmap
from typing import NamedTuple

from shared.messages.bodystructure import MOST_BODYSTRUCTURE_OCTETS, StructureTooLarge, render_bodystructure
from shared.messages.envelope import render_envelope
from shared.messages.part import Part
from shared.messages.scan import scan, walk
from shared.messages.sections import pack_sections
from shared.messages.sent_at import read_sent_at

# Octets for what is not counted: parentheses, and the growth of the last part when it takes in those that do not fit.
_SLACK_OCTETS = 16 << 10

_QUICK_OCTETS = 8 << 10
_ORDINARY_OCTETS = 64 << 10  # a message of so many octets has few parts, and takes a tenth of a millisecond
_QUICK_LINES = 200  # that begin like boundary lines: two milliseconds, if all of them are


class Rendered(NamedTuple):
    size_octets: int
    sent_at: datetime | None  # the Date field's wall time, no zone; None if there is no valid one
    envelope: bytes  # as IMAP's ENVELOPE is sent
    bodystructure: bytes  # as IMAP's BODYSTRUCTURE is sent
    sections: bytes  # shared/messages/sections.py


def renders_quickly(octets: bytes | mmap) -> bool:
    """Whether rendering takes at most some milliseconds, whatever the octets are, so that it may keep the reactor.

    Parts and addresses that are hard to read take some microseconds each; of such addresses the number is bounded
    (shared/messages/address.py).
    """
    if len(octets) <= _QUICK_OCTETS:
        return True
    return len(octets) <= _ORDINARY_OCTETS and octets[:].count(b"\n--") <= _QUICK_LINES


def render(octets: bytes | mmap) -> Rendered:
    """Scan `octets` once and write down all that is asked for often. Never raises."""
    part = scan(octets)
    try:
        bodystructure = render_bodystructure(part, most_octets=MOST_BODYSTRUCTURE_OCTETS - _SLACK_OCTETS)
    except StructureTooLarge as too_large:  # what does not fit becomes the end of the last part that does
        part = scan(octets, most_parts=_parts_before(too_large.part, part))
        bodystructure = render_bodystructure(part)
    return Rendered(
        size_octets=len(octets),
        sent_at=read_sent_at(part.fields.get(b"date")),
        envelope=render_envelope(part),
        bodystructure=bodystructure,
        sections=pack_sections(part),
    )


def _parts_before(part: Part, root: Part) -> int:
    """How many parts of the message come before `part`; the scanner counts them in the same order."""
    return next(number for number, each in enumerate(walk(root)) if each is part)
