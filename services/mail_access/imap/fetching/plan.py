"""The data items of one FETCH, compiled: what must be at hand, and how a row of the answer is written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from operator import add

from services.mail_access.imap.fetching.structure import without_extensions
from services.mail_access.imap.pieces import Pieces
from services.mail_access.imap.values.fetch import Fact, FetchItem, Section
from shared.messages.fields import header_fields
from shared.messages.sections import find_section


class Needs(IntEnum):
    """The material that a plan's rows are made of; each value includes those before it."""

    NUMBERING = 0  # the session has it
    PIECES = 1  # what the store rendered when the message came
    HEADER = 2
    OCTETS = 3


@dataclass(slots=True)
class Batch:
    """Messages to write rows for; all lists are parallel. Those that the plan does not need are empty."""

    numbers: Sequence[int]
    uids: Sequence[int]
    flags: Sequence[bytes]
    modseqs: Sequence[int] = ()
    pieces: Sequence[Pieces] = ()
    octets: Sequence[bytes] = ()


_BODY_WEIGHT = 4  # making BODY of BODYSTRUCTURE takes up to 250 ns an octet, which is a row of four times the length

Column = Callable[[Batch], Iterable[object]]


@dataclass(frozen=True, slots=True)
class Plan:
    """A row is `template % (number, *columns)`."""

    items: Sequence[FetchItem]
    template: bytes
    columns: Sequence[Column]
    needs: Needs
    needs_modseq: bool
    sections: Sequence[Section] = field(default=())
    shows_pieces: bool = False  # what was rendered goes into the rows: ENVELOPE, BODY, BODYSTRUCTURE, places of parts

    def are_light(self, pieces: Sequence[Pieces], most_octets: int) -> bool:
        """Whether rows show so little of the pieces that their sizes need not be added up one by one."""
        if not self.shows_pieces:
            return True
        return sum([each.rendered_octets for each in pieces]) * self._factor <= most_octets

    @property
    def _factor(self) -> int:
        return _BODY_WEIGHT if Fact.BODY in self.items else 1

    def row_octets(self, pieces: Sequence[Pieces], read_octets: Sequence[int]) -> Sequence[int]:
        """About how long each message's row will be, at most; work on the places of parts counts like octets.

        `read_octets` is how much is read of each for the sections.
        """
        rendered: Sequence[int] = ()
        if self.shows_pieces:
            factor = self._factor
            rendered = [each.rendered_octets * factor for each in pieces]
        if not self.sections:
            return rendered or bytes(len(pieces))
        if len(self.sections) == 1 and not self.sections[0].path and self.sections[0].partial is None:
            return list(map(add, rendered, read_octets)) if rendered else read_octets
        cut = list(map(self._cut_octets, pieces))
        return list(map(add, rendered, cut)) if rendered else cut

    def _cut_octets(self, pieces: Pieces) -> int:
        octets = 0
        for section in self.sections:
            if section.path:
                octets += len(pieces.sections)
            whole = pieces.header_octets if _needs(section) is Needs.HEADER else pieces.size_octets
            octets += whole if section.partial is None else min(whole, section.partial[1])
        return octets

    def render(self, batch: Batch) -> bytes:
        """The untagged FETCH of every message of the batch."""
        columns = [column(batch) for column in self.columns]
        return b"".join(map(self.template.__mod__, zip(batch.numbers, *columns, strict=False)))

    @property
    def marks_seen(self) -> bool:
        return any(not section.peek for section in self.sections)


def compile_plan(items: Iterable[FetchItem]) -> Plan:
    """A plan for `items`, in their order."""
    items = tuple(items)
    names = [_escaped(item.label if isinstance(item, Section) else item.value) for item in items]
    cells = [name + _PLACEHOLDERS.get(item, b" %b") for name, item in zip(names, items, strict=True)]
    sections = tuple(item for item in items if isinstance(item, Section))
    needs = max((_needs(item) for item in items), default=Needs.NUMBERING)
    return Plan(
        items,
        b"* %d FETCH (" + b" ".join(cells) + b")\r\n",
        [_FACTS[item] if isinstance(item, Fact) else _section_column(item) for item in items],
        needs,
        Fact.MODSEQ in items,
        sections,
        any(item.path if isinstance(item, Section) else item in _PIECES for item in items),
    )


def _escaped(label: bytes) -> bytes:
    return label.replace(b"%", b"%%")  # a header name may hold one


def _needs(item: FetchItem) -> Needs:
    if isinstance(item, Section):
        return Needs.HEADER if not item.path and item.what.startswith("HEADER") else Needs.OCTETS
    return Needs.NUMBERING if item in (Fact.UID, Fact.FLAGS, Fact.MODSEQ) else Needs.PIECES


_PIECES = frozenset({Fact.ENVELOPE, Fact.BODY, Fact.BODYSTRUCTURE})
_PLACEHOLDERS: dict[FetchItem, bytes] = {Fact.UID: b" %d", Fact.SIZE: b" %d", Fact.MODSEQ: b" (%d)"}

_FACTS: dict[Fact, Column] = {
    Fact.UID: lambda batch: batch.uids,
    Fact.FLAGS: lambda batch: batch.flags,
    Fact.MODSEQ: lambda batch: batch.modseqs,
    Fact.SIZE: lambda batch: [pieces.size_octets for pieces in batch.pieces],
    Fact.INTERNALDATE: lambda batch: [pieces.internal_date for pieces in batch.pieces],
    Fact.ENVELOPE: lambda batch: [pieces.envelope for pieces in batch.pieces],
    Fact.BODYSTRUCTURE: lambda batch: [pieces.bodystructure for pieces in batch.pieces],
    Fact.BODY: lambda batch: [without_extensions(pieces.bodystructure) for pieces in batch.pieces],
}


def _section_column(section: Section) -> Column:
    if not section.path and not section.what:
        if section.partial is None:
            return lambda batch: [b"{%d}\r\n%b" % (len(octets), octets) for octets in batch.octets]
        first, most = section.partial
        return lambda batch: [_literal(octets[first : first + most]) for octets in batch.octets]
    return lambda batch: [
        _cut(section, octets, pieces) for octets, pieces in zip(batch.octets, batch.pieces, strict=True)
    ]


def _cut(section: Section, octets: bytes, pieces: Pieces) -> bytes:
    span = span_of(section, pieces)
    return b"NIL" if span is None else section_value(section, octets[span[0] : span[1]])


def span_of(section: Section, pieces: Pieces) -> tuple[int, int] | None:
    """The octets of the message in which the section lies; for chosen header fields, the whole header."""
    what = "HEADER" if section.fields else section.what
    return find_section(pieces.sections, section.path, what)


def section_value(section: Section, octets: bytes) -> bytes:
    """The section's value as an IMAP literal, from the octets of its span."""
    if section.fields:
        octets = header_fields(octets, frozenset(section.fields), section.what == "HEADER.FIELDS.NOT")
    if section.partial is not None:
        first, most = section.partial
        octets = octets[first : first + most]
    return _literal(octets)


def _literal(octets: bytes) -> bytes:
    return b"{%d}\r\n%b" % (len(octets), octets)
