"""Reading from the client: lines, literals and dot blocks, each within its limits of size and time."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from time import perf_counter
from typing import Final, Literal

from shared.conversation.connection import LINE, LINE_OR_WAKE, OCTETS, ROOM, Connection, Wanted
from shared.conversation.deadlines import NEVER
from shared.conversation.dot_block import DotBlock
from shared.conversation.ending import Ended, Ending
from shared.conversation.errors import KEPT_OCTETS, LineTooLong, SpoolFull
from shared.conversation.http_request import is_http_request
from shared.conversation.pace import Pace
from shared.conversation.spool import Spool
from shared.give_way import next_turn


class Woken(Enum):
    """The result of `read_line_or_wake` when `wake` was called, in place of a line."""

    WOKEN = "woken"


WOKEN: Final = Woken.WOKEN


class ReadingConnection(Connection):
    """A connection read from the coroutine's side.

    Every method may raise Ended: the client left in the middle of something or was too slow, or the process shuts down
    between two commands. Only the base catches it.
    """

    __slots__ = ()

    # Lines

    async def read_line(self) -> bytes | None:
        """The next line without its CRLF or LF; None once the client has closed and all lines are read.

        Raises LineTooLong for a line above `limits.line_octets`; the next read begins behind it.
        """
        line = self.line_here()
        return await self.line_later() if line is None else line

    def line_here(self) -> bytes | None:
        """What `read_line` would return without waiting; None where it would wait: `line_later` does.

        A client that sends many commands ahead is read without a coroutine for each.
        """
        if self._clogged or self._ending is not None or perf_counter() >= self._turn_ends:
            return None
        if not self._lines:
            return self._take_line()
        line = self._inbox.take_line(self.limits.line_octets)
        if line is not None:
            self._lines += 1
            if self.shown is not None:
                self._show_line(line)
        return line

    async def line_later(self) -> bytes | None:
        """The line that was not there at once."""
        if self._clogged or self._ending is not None or perf_counter() >= self._turn_ends:
            await self._before_line()
            line = self._take_line()
            if line is not None:
                return line
        self.deadline = NEVER
        got = await self._await_line(LINE)
        assert got is not WOKEN
        return got

    async def read_line_or_wake(self) -> bytes | Literal[Woken.WOKEN] | None:
        """Like `read_line`, but WOKEN if `wake` was called since the last WOKEN. News do not extend the idle limit."""
        if self._woken:
            self._woken = False
            return WOKEN
        await self._before_line()
        line = self._take_line()
        return await self._await_line(LINE_OR_WAKE) if line is None else line

    def wake(self) -> None:
        """Make the running, else the next, `read_line_or_wake` return WOKEN."""
        self._woken = True
        if self._wanted is LINE_OR_WAKE:
            self._resume()

    def has_buffered_line(self) -> bool:
        """Whether the next `read_line` returns without waiting: the client pipelines."""
        return self._inbox.has_line()

    def discard_buffered(self) -> int:
        """Forget what came and was not read; returns how many octets that were."""
        return self._inbox.clear()

    async def _before_line(self) -> None:
        """Give way between two commands of a client that sends many, however small its replies are, as when they are
        compressed.

        A client that takes no replies cannot go on with commands; a process that shuts down takes none.
        """
        if perf_counter() >= self._turn_ends and self._inbox.has_line():
            await next_turn(self.clock)
        if self._ending is not None:
            raise Ended(self._ending)
        if not self._gone:  # commands that came before the client left are obeyed
            await self.drain()

    async def _await_line(self, wanted: Wanted) -> bytes | Literal[Woken.WOKEN] | None:
        if self.deadline == NEVER:
            self.deadline = self._line_deadline()
        line = None
        while line is None:
            if len(self._inbox) >= self.limits.line_octets:
                await self._swallow_line()
            try:
                await self._arrival(wanted)
            except Ended as ended:
                if ended.ending is Ending.CLIENT_LEFT:
                    return None
                raise
            if wanted is LINE_OR_WAKE and self._woken:
                self._woken = False
                return WOKEN  # the deadline stands: the client itself said nothing
            line = self._take_line()
        self.deadline = NEVER
        return line

    def _take_line(self) -> bytes | None:
        """The next line if it is here. Raises LineTooLong; Ended when the first line is a request of HTTP."""
        try:
            line = self._inbox.take_line(self.limits.line_octets)
        except LineTooLong as too_long:
            self._end_http(too_long.first, too_long.last)
            raise
        if line is not None:
            if not self._lines:
                self._end_http(line, line)
            self._lines += 1
            if self.shown is not None:
                self._show_line(line)
        return line

    def _show_line(self, line: bytes) -> None:
        """What is answered so far comes before it."""
        self._flush()
        if self.shown is not None:
            self.shown.line(line)

    def _show_octets(self, size: int) -> None:
        if self.shown is not None:
            self._flush()
            self.shown.octets(size)

    def _end_http(self, first: bytes, last: bytes) -> None:
        """End a conversation whose first line, which begins and ends so, is a request of HTTP."""
        if not self._lines and is_http_request(first, last):
            self._lines = 1
            raise Ended(Ending.HTTP)

    async def _swallow_line(self) -> None:
        """Read a line that is too long to its end, then raise LineTooLong. Ended when there is no end in sight."""
        inbox = self._inbox
        first = last = b""
        swallowed = 0
        while not inbox.has_line():
            piece = inbox.take(len(inbox))
            first = first or piece[:KEPT_OCTETS]
            last = (last + piece[-KEPT_OCTETS - 1 :])[-KEPT_OCTETS - 1 :]  # and a CR, which may be of the line's end
            swallowed += len(piece)
            if swallowed > self.limits.swallowed_octets:
                raise Ended(Ending.LINE_TOO_LONG)
            await self._arrival(LINE)
        self.deadline = NEVER
        rest = inbox.take_line()
        assert rest is not None
        last += rest[-KEPT_OCTETS:]
        if not rest and last.endswith(b"\r"):  # the line's end came in two pieces
            last, swallowed = last[:-1], swallowed - 1
        self._end_http(first, last)
        raise LineTooLong(first, last, swallowed + len(rest))

    # Runs of octets

    async def read_exactly(self, size: int) -> bytes:
        """The next `size` octets. The caller has seen that `size` is bearable: more than 1 MiB belongs in a spool."""
        if self.shown is not None:
            self._show_octets(size)
        if size <= len(self._inbox):
            return self._inbox.take(size)
        pieces: list[bytes] = []
        await self._receive(size, pieces.append)
        return b"".join(pieces)

    async def read_into(self, size: int, spool: Spool) -> None:
        """Append the next `size` octets to `spool`. Raises SpoolFull, once they all were read, if it could not."""
        if self.shown is not None:
            self._show_octets(size)
        if size <= len(self._inbox):
            spool.append(self._inbox.take(size))
            return
        full: list[SpoolFull] = []

        def keep(piece: bytes) -> None:
            if not full:
                try:
                    spool.append(piece)
                except SpoolFull as refused:
                    full.append(refused)

        await self._receive(size, keep)
        if full:
            raise full[0]

    async def discard(self, size: int) -> None:
        """Read `size` octets and keep none: a literal that was refused, but is on its way."""
        if self.shown is not None:
            self._show_octets(size)
        await self._receive(size, lambda piece: None)

    async def _receive(self, size: int, keep: Callable[[bytes], None]) -> None:
        pace, left = Pace(self.limits, self.clock.seconds()), size
        while left:
            if not len(self._inbox):
                await self._next_piece(pace)
            piece = self._inbox.take(left)
            if piece:
                keep(piece)
                left -= len(piece)
        self.deadline = NEVER

    async def read_dot_block(self, limit_octets: int, *, mends_line_feeds: bool = False) -> Spool:
        """The lines up to a dot on its own, without the dots that were added in transit (RFC 5321 §4.5.2).

        Only CRLF ends a line; `mends_line_feeds` makes CRLF of an LF alone, which is no end of anything on the way in.
        Raises BlockTooLarge, BareLineFeed and SpoolFull once the block was read to its end.
        """
        block = DotBlock(limit_octets, Spool(self.claim), mends_line_feeds=mends_line_feeds)
        pace = Pace(self.limits, self.clock.seconds())
        try:
            behind = None
            while behind is None:
                piece = self._inbox.take_all()
                if piece:
                    behind = block.feed(piece)
                else:
                    await self._next_piece(pace)
        except BaseException:
            block.close()
            raise
        self.deadline = NEVER
        self._inbox.put_back(behind)
        if self.shown is not None:
            self._show_octets(limit_octets - block.left_octets)
        return block.result()

    # Time and room

    async def _next_piece(self, pace: Pace) -> None:
        """Wait for more of a transfer: no silence above the idle limit, and a fair speed over all."""
        self.deadline = pace.deadline(self.clock.seconds())
        await self._arrival(OCTETS)
        pace.came(len(self._inbox), self.clock.seconds())

    def _line_deadline(self) -> float:
        limits = self.limits
        deadline = self.clock.seconds() + limits.idle.total_seconds()
        if limits.in_all is not None:
            deadline = min(deadline, self.since + limits.in_all.total_seconds())
        return deadline

    @property
    def must_drain(self) -> bool:
        """Whether `drain` would wait, or raise."""
        return self._clogged or self._gone

    async def drain(self) -> None:
        """Return when the transport has room for more, at once if it has.

        Raises Ended if the client does not take it.
        """
        if not self._clogged and not self._gone:
            return
        limits = self.limits
        seconds = limits.transfer.total_seconds() + self._unsent_octets / limits.slowest_octets_per_second
        self.deadline = self.clock.seconds() + seconds
        while self._clogged or self._gone:
            await self._arrival(ROOM)  # raises when it is gone
        self.deadline = NEVER
