"""Writes the rows of a FETCH, batch after batch, so that memory stays bounded however much is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from services.mail_access.imap.fetching.pieces import Pieces
from services.mail_access.imap.fetching.plan import Batch, Needs, Plan, compile_plan, section_value, span_of
from services.mail_access.imap.reading import Farewell
from services.mail_access.imap.values.fetch import FetchItem, Section
from shared.errors import DomainError

if TYPE_CHECKING:
    from services.mail_access.imap.selected import Selected
    from services.mail_access.imap.session import ImapSession

ROWS_AT_ONCE = {  # about 100 to 500 KB of reply, or of pieces to be read from the store in one query
    Needs.NUMBERING: 4096,
    Needs.PIECES: 512,
    Needs.HEADER: 512,
    Needs.OCTETS: 512,
}
OCTETS_AT_ONCE = 2 * 1024 * 1024  # of bodies read for one batch
MOST_OCTETS_AT_ONCE = 8 * 1024 * 1024  # of rows for one message, if many of its sections are asked for
LARGE_OCTETS = 1024 * 1024  # a message above this is never whole in memory
STREAMED_OCTETS = 256 * 1024  # a step in which a large section is sent


class Rows:
    """Rows of one FETCH. `missing` tells afterwards that some message was no longer there to be read."""

    def __init__(self, session: ImapSession, selected: Selected, plan: Plan, modseqs: dict[int, int] | None) -> None:
        self._session = session
        self._library = session.backing.library
        self._selected = selected
        self._plan = plan
        self._modseqs = modseqs or {}
        self.missing = False

    async def write(self, positions: Sequence[int]) -> None:
        """The rows of the messages at ascending `positions`. Raises StoreUnavailable."""
        step = ROWS_AT_ONCE[self._plan.needs]
        for start in range(0, len(positions), step):
            chosen = positions[start : start + step]
            if self._plan.needs is Needs.NUMBERING:
                self._session.write(self._plan.render(self._batch(chosen)))
            else:
                await self._write_with_pieces(chosen)
            await self._session.drain()

    def _batch(self, positions: Sequence[int], pieces: Sequence[Pieces] = (), octets: Sequence[bytes] = ()) -> Batch:
        numbering = self._selected.numbering
        rendered = numbering.flag_sets.rendered
        if isinstance(positions, range):
            start, stop = positions.start, positions.stop
            numbers: Sequence[int] = range(start + 1, stop + 1)
            uids: Sequence[int] = numbering.uids[start:stop]
            flag_numbers: Sequence[int] = numbering.flag_numbers[start:stop]
        else:
            numbers = [at + 1 for at in positions]
            uids = [numbering.uids[at] for at in positions]
            flag_numbers = [numbering.flag_numbers[at] for at in positions]
        flags = [rendered[number] for number in flag_numbers]
        modseqs = [self._modseqs.get(uid, 1) for uid in uids] if self._plan.needs_modseq else ()
        return Batch(numbers, uids, flags, modseqs, pieces, octets)

    async def _write_with_pieces(self, positions: Sequence[int]) -> None:
        ids = self._ids(positions)
        known = await self._library.pieces(ids)
        if len(known) < len(set(ids)):
            self.missing = True
            positions = [at for at, number in zip(positions, ids, strict=True) if number in known]
            ids = self._ids(positions)
        pieces = [known[number] for number in ids]
        if self._plan.needs is Needs.PIECES:
            self._session.write(self._plan.render(self._batch(positions, pieces)))
            return
        whole = self._plan.needs is Needs.OCTETS
        sizes = [each.size_octets if whole else each.header_octets for each in pieces]
        sections = len(self._plan.sections)  # each may be a copy of the whole message
        for start, stop in _runs(sizes, OCTETS_AT_ONCE // sections):
            if stop - start == 1 and (sizes[start] > LARGE_OCTETS or sizes[start] * sections > MOST_OCTETS_AT_ONCE):
                await self._write_large_or_leave(positions[start], pieces[start])
            else:
                await self._write_with_octets(positions[start:stop], pieces[start:stop])

    async def _write_with_octets(self, positions: Sequence[int], pieces: Sequence[Pieces]) -> None:
        ids = self._ids(positions)
        if self._plan.needs is Needs.HEADER:
            bodies = await self._library.beginnings(dict(zip(ids, pieces, strict=True)))
        else:
            bodies = await self._library.bodies(ids)
        if 0 in (each.size_octets for each in pieces):  # the store keeps no octets of an empty message
            empty = [number for number, each in zip(ids, pieces, strict=True) if not each.size_octets]
            bodies = {**bodies, **dict.fromkeys(empty, b"")}
        if len(bodies) < len(set(ids)):
            self.missing = True
            kept = [at for at, number in enumerate(ids) if number in bodies]
            positions, pieces = [positions[at] for at in kept], [pieces[at] for at in kept]
            ids = self._ids(positions)
        octets = [bodies[number] for number in ids]
        self._session.write(self._plan.render(self._batch(positions, pieces, octets)))
        await self._session.drain()

    def _ids(self, positions: Sequence[int]) -> Sequence[int]:
        message_ids = self._selected.numbering.message_ids
        if isinstance(positions, range):
            return message_ids[positions.start : positions.stop]
        return [message_ids[at] for at in positions]

    async def _write_large_or_leave(self, position: int, pieces: Pieces) -> None:
        """A row that cannot be ended leaves nothing to say that would be understood: the connection ends."""
        try:
            await self._write_large(position, pieces)
        except DomainError:
            raise Farewell(b"") from None

    async def _write_large(self, position: int, pieces: Pieces) -> None:
        """One row in steps, item by item; what the sections need is read from the store as it is sent."""
        self._session.write(b"* %d FETCH (" % (position + 1))
        message_id = self._selected.numbering.message_ids[position]
        for place, item in enumerate(self._plan.items):
            if place:
                self._session.write(b" ")
            if isinstance(item, Section):
                await self._write_section(message_id, item, pieces)
            else:
                self._session.write(self._cell(item, position, pieces))
        self._session.write(b")\r\n")
        await self._session.drain()

    def _cell(self, item: FetchItem, position: int, pieces: Pieces) -> bytes:
        batch = self._batch([position], [pieces])
        if self._plan.needs_modseq:
            batch.modseqs = [self._modseqs.get(batch.uids[0], 1)]
        row = compile_plan([item]).render(batch)
        return row[row.index(b"(") + 1 : -len(b")\r\n")]

    async def _write_section(self, message_id: int, section: Section, pieces: Pieces) -> None:
        span = span_of(section, pieces)
        self._session.write(section.label + b" ")
        if span is None:
            self._session.write(b"NIL")
            return
        start, end = span
        if not section.fields and section.partial is not None:
            first, most = section.partial
            start = min(start + first, end)
            end = min(start + most, end)
        if section.fields:  # a header: what is above the limit has no fields worth having
            octets = await self._library.octets_between(message_id, start, min(end, start + LARGE_OCTETS))
            self._session.write(section_value(section, octets))
            return
        self._session.write(b"{%d}\r\n" % (end - start))
        await self._stream(message_id, start, end)

    async def _stream(self, message_id: int, start: int, end: int) -> None:
        for at in range(start, end, STREAMED_OCTETS):
            stop = min(at + STREAMED_OCTETS, end)
            octets = await self._library.octets_between(message_id, at, stop)
            if len(octets) < stop - at:  # purged while it was being sent: keep the promised length
                self.missing = True
                octets += b" " * (stop - at - len(octets))
            self._session.write(octets)
            await self._session.drain()


def _runs(sizes: Sequence[int], most_octets: int) -> Iterator[tuple[int, int]]:
    """Spans of messages to be read together: large ones alone, the others up to `most_octets`."""
    start = octets = 0
    for at, size in enumerate(sizes):
        if size > LARGE_OCTETS:
            if start < at:
                yield start, at
            yield at, at + 1
            start, octets = at + 1, 0
            continue
        if octets + size > most_octets and start < at:
            yield start, at
            start, octets = at, 0
        octets += size
    if start < len(sizes):
        yield start, len(sizes)
