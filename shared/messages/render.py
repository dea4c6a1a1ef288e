"""Everything the store keeps of a message besides its octets, made once, when the message is accepted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from mmap import mmap

from shared.messages.bodystructure import render_bodystructure
from shared.messages.envelope import render_envelope
from shared.messages.scan import scan
from shared.messages.sections import pack_sections
from shared.messages.sent_at import read_sent_at


@dataclass(frozen=True, slots=True)
class Rendered:
    size_octets: int
    sent_at: datetime | None  # the Date field's wall time, no zone; None if there is no valid one
    envelope: bytes  # as IMAP's ENVELOPE is sent
    bodystructure: bytes  # as IMAP's BODYSTRUCTURE is sent
    sections: bytes  # shared/messages/sections.py


def render(octets: bytes | mmap) -> Rendered:
    """Scan `octets` once and write down all that is asked for often. Never raises."""
    part = scan(octets)
    return Rendered(
        size_octets=len(octets),
        sent_at=read_sent_at(part.fields.get(b"date")),
        envelope=render_envelope(part),
        bodystructure=render_bodystructure(part),
        sections=pack_sections(part),
    )
