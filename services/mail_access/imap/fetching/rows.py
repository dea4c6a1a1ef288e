"""The rows of a FETCH, written batch after batch, so that memory stays bounded however much is asked for."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate

from services.mail_access.imap.fetching.plan import Batch, Needs, Plan, compile_plan, section_value, span_of
from services.mail_access.imap.fetching.structure import body_steps
from services.mail_access.imap.message_set import slices
from services.mail_access.imap.pieces import Pieces
from services.mail_access.imap.reading import Farewell
from services.mail_access.imap.selected import Selected
from services.mail_access.imap.session import ImapSession
from services.mail_access.imap.values.fetch import Fact, Section
from shared.errors import DomainError
from shared.folders.modseqs import Modseqs

ROWS_AT_ONCE = {  # about 100 to 250 KB of reply, or 500 KB of pieces to be read from the store in one query
    Needs.NUMBERING: 4096,
    Needs.PIECES: 512,
    Needs.HEADER: 512,
    Needs.OCTETS: 512,
}
WRITTEN_OCTETS = 256 * 1024  # of rows rendered before the client must have taken those before
READ_OCTETS = 2 * 1024 * 1024  # of bodies read for one batch, from a client that takes them …
FIRST_READ_OCTETS = 256 * 1024  # … and at first: a client that reads nothing costs no more than this
LARGE_OCTETS = 512 * 1024  # a row or message above this is never whole in memory
STREAMED_OCTETS = 256 * 1024  # a step in which a large section is sent
SHORT_ROW_OCTETS = 100  # of a row without pieces and flags


class Rows:
    """The rows of one FETCH. `missing` says afterwards that some message was gone before it could be read."""

    def __init__(self, session: ImapSession, selected: Selected, plan: Plan, modseqs: Modseqs | None) -> None:
        self._session = session
        self._cache = session.parts.message_cache
        self._selected = selected
        self._plan = plan
        self._modseqs = modseqs
        self._read_octets = FIRST_READ_OCTETS
        self._heavy: tuple[int, Pieces] | None = None  # of the last message that had any: copies stand in a row
        self.missing = False

    async def write(self, positions: Sequence[int]) -> None:
        """The rows of the messages at ascending `positions`. Raises StoreUnavailable."""
        shortest = SHORT_ROW_OCTETS + self._selected.flag_sets.widest_octets
        at_once = min(ROWS_AT_ONCE[self._plan.needs], WRITTEN_OCTETS // shortest + 1)
        for some in slices(positions, at_once):
            if self._plan.needs is Needs.NUMBERING:
                self._session.write(self._plan.render(self._batch(some)))
                await self._session.drain()
                await self._session.give_way()
            else:
                await self._write_with_pieces(some)

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
        flags = list(map(rendered.__getitem__, flag_numbers))
        modseqs = self._modseqs.of(uids, absent=1) if self._modseqs is not None else ()
        return Batch(numbers, uids, flags, modseqs, pieces, octets)

    async def _write_with_pieces(self, positions: Sequence[int]) -> None:
        ids = self._ids(positions)
        known = await self._cache.pieces(ids)
        if len(known) < len(set(ids)):
            self.missing = True
            positions = [at for at, number in zip(positions, ids, strict=True) if number in known]
            ids = self._ids(positions)
        pieces = [known[number] for number in ids]
        if self._plan.needs is Needs.PIECES and self._plan.are_light(pieces, WRITTEN_OCTETS):
            self._session.write(self._plan.render(self._batch(positions, pieces)))
            await self._session.drain()
            await self._session.give_way()
            return
        read: Sequence[int] = ()
        if self._plan.needs is Needs.OCTETS:
            read = [each.size_octets for each in pieces]
        elif self._plan.needs is Needs.HEADER:
            read = [each.header_octets for each in pieces]
        shown = self._plan.row_octets(pieces, read)
        weights, most_octets = shown, WRITTEN_OCTETS
        if read:
            weights, most_octets = shown if shown is read else list(map(max, shown, read)), self._read_octets
        for start, stop in _runs(weights, most_octets):
            if weights[start] > LARGE_OCTETS:
                await self._write_large_or_leave(positions[start], pieces[start])
            elif self._plan.needs is Needs.PIECES:
                self._session.write(self._plan.render(self._batch(positions[start:stop], pieces[start:stop])))
            else:
                await self._write_with_octets(positions[start:stop], pieces[start:stop], shown[start:stop])
            await self._session.drain()
            await self._session.give_way()

    async def _write_with_octets(
        self, positions: Sequence[int], pieces: Sequence[Pieces], row_octets: Sequence[int]
    ) -> None:
        ids = self._ids(positions)
        if self._plan.needs is Needs.HEADER:
            bodies = await self._cache.beginnings(dict(zip(ids, pieces, strict=True)))
        else:
            bodies = await self._cache.bodies(ids)
        if 0 in (each.size_octets for each in pieces):  # the store keeps no octets of an empty message
            empty = [number for number, each in zip(ids, pieces, strict=True) if not each.size_octets]
            bodies = {**bodies, **dict.fromkeys(empty, b"")}
        if len(bodies) < len(set(ids)):
            self.missing = True
            kept = [at for at, number in enumerate(ids) if number in bodies]
            positions, pieces = [positions[at] for at in kept], [pieces[at] for at in kept]
            row_octets = [row_octets[at] for at in kept]
        for start, stop in _runs(row_octets, WRITTEN_OCTETS):
            octets = [bodies[number] for number in self._ids(positions[start:stop])]
            self._session.write(self._plan.render(self._batch(positions[start:stop], pieces[start:stop], octets)))
            await self._session.drain()
            await self._session.give_way()
        self._read_octets = min(2 * self._read_octets, READ_OCTETS)

    def _ids(self, positions: Sequence[int]) -> Sequence[int]:
        message_ids = self._selected.numbering.message_ids
        if isinstance(positions, range):
            return message_ids[positions.start : positions.stop]
        return [message_ids[at] for at in positions]

    async def _write_large_or_leave(self, position: int, pieces: Pieces) -> None:
        """Write a large row; if it breaks off in the middle, end the connection.

        The client would take any reply for a part of the row.
        """
        try:
            await self._write_large(position, pieces)
        except DomainError:
            raise Farewell(b"") from None

    async def _write_large(self, position: int, pieces: Pieces) -> None:
        """One row in steps, item by item; what the sections need is read from the store as it is sent."""
        message_id = self._selected.numbering.message_ids[position]
        if self._plan.shows_pieces and not pieces.is_whole:
            whole = await self._heavy_pieces(message_id)
            if whole is None:
                self.missing = True
                return
            pieces = whole
        self._session.write(b"* %d FETCH (" % (position + 1))
        for place, item in enumerate(self._plan.items):
            if place:
                self._session.write(b" ")
            if isinstance(item, Section):
                await self._write_section(message_id, item, pieces)
            else:
                await self._session.tell(self._cell(item, position, pieces))
            await self._session.give_way()
        self._session.write(b")\r\n")

    async def _heavy_pieces(self, message_id: int) -> Pieces | None:
        if self._heavy is None or self._heavy[0] != message_id:
            self._heavy = None
            pieces = await self._cache.heavy_pieces(message_id)
            if pieces is None:
                return None
            self._heavy = message_id, pieces
        return self._heavy[1]

    def _cell(self, item: Fact, position: int, pieces: Pieces) -> Iterator[bytes]:
        if item is Fact.BODY:
            yield b"BODY "
            yield from body_steps(pieces.bodystructure)
            return
        row = compile_plan([item]).render(self._batch([position], [pieces]))
        cell = row[row.index(b"(") + 1 : -len(b")\r\n")]
        for start in range(0, len(cell), STREAMED_OCTETS):
            yield cell[start : start + STREAMED_OCTETS]

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
            octets = await self._cache.octets_between(message_id, start, min(end, start + LARGE_OCTETS))
            self._session.write(section_value(section, octets))
            return
        self._session.write(b"{%d}\r\n" % (end - start))
        await self._stream(message_id, start, end)

    async def _stream(self, message_id: int, start: int, end: int) -> None:
        for at in range(start, end, STREAMED_OCTETS):
            stop = min(at + STREAMED_OCTETS, end)
            octets = await self._cache.octets_between(message_id, at, stop)
            if len(octets) < stop - at:  # purged while it was being sent: keep the promised length
                self.missing = True
                octets += b" " * (stop - at - len(octets))
            self._session.write(octets)
            await self._session.drain()


def _runs(sizes: Sequence[int], most_octets: int) -> Iterator[tuple[int, int]]:
    """Spans of messages to be read together: large ones alone, the others up to `most_octets`."""
    if max(sizes, default=0) <= LARGE_OCTETS:
        yield from _runs_of_small(sizes, most_octets)
        return
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


def _runs_of_small(sizes: Sequence[int], most_octets: int) -> Iterator[tuple[int, int]]:
    ends = list(accumulate(sizes))
    start = before = 0
    while start < len(ends):
        stop = max(bisect_right(ends, before + most_octets, start), start + 1)
        yield start, stop
        start, before = stop, ends[stop - 1]
