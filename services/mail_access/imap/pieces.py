"""The pieces of a message that FETCH and SEARCH need besides its octets, ready to be sent."""

from __future__ import annotations

from datetime import datetime

from services.mail_access.imap.grammar.dates import render_date_time
from shared.folders.rendered import StoredMessage
from shared.messages.sections import find_section

UNKNOWN_OCTETS = 1 << 40


class Pieces:
    """Rendered when the message was accepted; see shared/messages."""

    __slots__ = (
        "_header_octets",
        "bodystructure",
        "envelope",
        "internal_date",
        "is_whole",
        "received_at",
        "rendered_octets",
        "sections",
        "sent_at",
        "size_octets",
    )

    def __init__(
        self,
        size_octets: int,
        received_at: datetime,
        internal_date: bytes,
        sent_at: datetime | None,
        envelope: bytes,
        bodystructure: bytes,
        sections: bytes,
        is_whole: bool = True,
    ) -> None:
        """Without being whole, `envelope` and `bodystructure` are empty, and `sections` speaks of the message only."""
        self.size_octets = size_octets
        self.received_at = received_at
        self.internal_date = internal_date
        self.sent_at = sent_at
        self.envelope = envelope
        self.bodystructure = bodystructure
        self.sections = sections
        self.is_whole = is_whole
        self._header_octets = -1  # not asked for yet
        # How much of them a row may show: of those that are not whole, more than any row in one piece.
        self.rendered_octets = len(envelope) + len(bodystructure) if is_whole else UNKNOWN_OCTETS

    @property
    def header_octets(self) -> int:
        """How long the header is, blank line included."""
        if self._header_octets < 0:
            span = find_section(self.sections, (), "HEADER")
            self._header_octets = span[1] if span else 0
        return self._header_octets

    @property
    def weight_octets(self) -> int:
        """About what remembering it costs; 700 for the objects around the octets."""
        return 700 + len(self.envelope) + len(self.bodystructure) + len(self.sections)


def pieces_of(stored: StoredMessage) -> Pieces:
    """What the store gave, with the date as it is sent."""
    return Pieces(
        stored.size_octets,
        stored.received_at,
        render_date_time(stored.received_at),
        stored.sent_at,
        stored.envelope,
        stored.bodystructure,
        stored.sections,
        stored.is_whole,
    )
