"""A block of lines that ends with a dot on a line of its own (RFC 5321 §4.5.2, RFC 1939 §3, RFC 3977 §3.1.1)."""

from __future__ import annotations

import re

from shared.conversation.errors import BareLineFeed, BlockTooLarge, SpoolFull
from shared.conversation.line_ends import is_crlf_alone, with_crlf
from shared.conversation.spool import Spool
from shared.errors import DomainError

BLOCK_END = b"\r\n.\r\n"
find_line_start_dot = re.compile(rb"\r\n\.").search  # in half the time that find() takes


class DotBlock:
    """Takes received chunks until the block is complete, whole chunks at a time.

    Only CRLF, dot, CRLF ends it. After a fault the rest of the block is thrown away, so that the client's next command
    is found behind it.
    """

    __slots__ = ("_carried", "_fault", "_left_octets", "_mends", "_opening", "_spool")

    def __init__(self, limit_octets: int, spool: Spool | None = None, *, mends_line_feeds: bool = False) -> None:
        """`mends_line_feeds`: an LF without CR is made CR LF in what is kept; it ends neither block nor dot's line."""
        self._spool = Spool() if spool is None else spool
        self._left_octets = limit_octets
        self._mends = mends_line_feeds
        self._fault: type[DomainError] | None = None
        self._carried = b"\r\n"  # a dot at the very start is at a line's start too
        self._opening = True  # until those two octets were taken out again

    @property
    def left_octets(self) -> int:
        """How many more are kept; below 0: there were too many."""
        return self._left_octets

    def feed(self, chunk: bytes) -> bytes | None:
        """Take a chunk. Returns the octets behind the block once it is complete, else None."""
        octets = self._carried + chunk
        found = find_line_start_dot(octets)  # in most blocks the first is the end
        dot = -1 if found is None else found.start()
        end = dot if dot < 0 or octets.startswith(BLOCK_END, dot) else octets.find(BLOCK_END, dot)
        if end >= 0:
            self._keep(octets[: end + 2], has_dots=dot < end)
            return octets[end + 5 :]
        # A CR among the last four octets may begin the end, or a line that begins with a dot: it waits for more.
        cut = octets.find(b"\r", max(0, len(octets) - 4))
        if cut < 0:
            self._carried = b""
            self._keep(octets, has_dots=dot >= 0)
        else:
            self._carried = octets[cut:]
            if cut:
                self._keep(octets[:cut], has_dots=dot >= 0)
        return None

    def _keep(self, octets: bytes, *, has_dots: bool) -> None:
        """Keep what holds every CRLF whole: line ends can be looked at piece by piece."""
        has_bare_feeds = False
        if not is_crlf_alone(octets):
            line_ends = octets.count(b"\r\n")
            has_bare_feeds = octets.count(b"\n") != line_ends
            if not self._mends or octets.count(b"\r") != line_ends:
                self._refuse(BareLineFeed)
        if has_dots:
            octets = octets.replace(b"\r\n.", b"\r\n")
        if self._opening:
            self._opening = False
            octets = octets[2:]
        if has_bare_feeds:
            octets = with_crlf(octets)
        self._left_octets -= len(octets)
        if self._left_octets < 0:
            self._refuse(BlockTooLarge)
        if self._fault is None:
            try:
                self._spool.append(octets)
            except SpoolFull:
                self._refuse(SpoolFull)

    def _refuse(self, fault: type[DomainError]) -> None:
        if self._fault is None:
            self._fault = fault
            self._spool.close()

    def result(self) -> Spool:
        """The complete block without dots added in transit. Raises BlockTooLarge, BareLineFeed, SpoolFull."""
        if self._fault is not None:
            raise self._fault
        return self._spool

    def close(self) -> None:
        """Drop a block that will never be complete."""
        self._spool.close()
