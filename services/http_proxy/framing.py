"""Readers of bodies, which say where a body ends (RFC 9112 §6): octets as they come in, the body's own out.

Every reader has `done`, and `take(octets) -> (body, rest)`: `rest` is what follows the body, empty before it is done.
A chunked body is taken out of its coding and put into a new one: no extension, no odd size reaches the other side.
"""

from __future__ import annotations

import re
from enum import Enum, auto
from typing import Protocol

from services.http_proxy.errors import BadChunk, BadMessage
from services.http_proxy.fields import CHUNKED, NOT_IN_TRAILERS, UNTIL_CLOSE, check_lines, kinds_of, sort_lines

LONGEST_SIZE_LINE = 1024  # a size, and more extensions than are known to be in use
MOST_EXTENSION_OCTETS = 16 * 1024  # of one body: extensions are thrown away, so they may not be most of the traffic
MOST_TRAILER_OCTETS = 16 * 1024
LAST_CHUNK = b"0\r\n\r\n"
_TRAILER_KINDS = kinds_of(NOT_IN_TRAILERS, frozenset())
# 15 digits: fits a signed 64-bit number. Spaces: RFC 9112 §7.1.1 lets them stand before an extension.
_SIZE_LINE = re.compile(rb"([0-9A-Fa-f]{1,15})((?:[ \t]*;[^\x00-\x08\x0a-\x1f\x7f]*)?)\r\n")
_MAY_BEGIN_SIZE = re.compile(rb"(?:[0-9A-Fa-f]{1,15}[ \t]*(?:;[^\x00-\x08\x0a-\x1f\x7f]*)?\r?)?\Z")


class BodyReader(Protocol):
    """Takes a body's octets as they come."""

    done: bool
    trailers: bytes

    def take(self, octets: bytes) -> tuple[bytes, bytes]:
        """The body's octets among these, and what follows the body. Raises BadMessage."""


class Length:
    """A body of so many octets."""

    __slots__ = ("done", "left", "trailers")

    def __init__(self, octets: int) -> None:
        self.left = octets
        self.done = octets == 0
        self.trailers = b""

    def take(self, octets: bytes) -> tuple[bytes, bytes]:
        """See BodyReader."""
        left = self.left - len(octets)
        if left > 0:
            self.left = left
            return octets, b""
        self.done = True
        if left == 0:
            return octets, b""
        end, self.left = self.left, 0
        return octets[:end], octets[end:]


class UntilClose:
    """A body that ends with its connection."""

    __slots__ = ("done", "trailers")

    def __init__(self) -> None:
        self.done = False
        self.trailers = b""

    def take(self, octets: bytes) -> tuple[bytes, bytes]:
        """See BodyReader."""
        return octets, b""


class _Next(Enum):
    """The part of a chunked body that comes next."""

    SIZE = auto()
    DATA = auto()
    DATA_END = auto()
    TRAILERS = auto()


class Chunked:
    """A body in the chunked coding (RFC 9112 §7.1). `trailers`: the lines of its trailer section that may go on."""

    __slots__ = ("_extensions", "_left", "_next", "_partial", "done", "trailers")

    def __init__(self) -> None:
        self._next = _Next.SIZE
        self._left = 0  # octets of the chunk that are still to come
        self._partial = b""  # the beginning of a line, or of a trailer section
        self._extensions = 0
        self.done = False
        self.trailers = b""

    def take(self, octets: bytes) -> tuple[bytes, bytes]:
        """See BodyReader. Time is linear in what comes, but for lines that come in pieces, which are short."""
        if self._partial:
            octets = self._partial + octets
            self._partial = b""
        pieces: list[bytes] = []
        place = 0
        while self._next is not _Next.TRAILERS:
            if self._next is _Next.DATA:
                taken = octets[place : place + self._left]
                place += len(taken)
                self._left -= len(taken)
                pieces.append(taken)
                if self._left:
                    return b"".join(pieces), b""
                self._next = _Next.DATA_END
            wanted = self._take_data_end if self._next is _Next.DATA_END else self._take_size
            behind = wanted(octets, place)
            if behind == place:  # more has to come first
                self._partial = octets[place:]
                return b"".join(pieces), b""
            place = behind
        rest = self._take_trailers(octets[place:])
        return b"".join(pieces), rest

    def _take_data_end(self, octets: bytes, place: int) -> int:
        """The place behind a chunk's CRLF; `place` itself when that is not here yet."""
        if octets.startswith(b"\r\n", place):
            self._next = _Next.SIZE
            return place + 2
        if octets[place:] not in (b"", b"\r"):
            raise BadChunk
        return place

    def _take_size(self, octets: bytes, place: int) -> int:
        """The place behind a size line; `place` itself when that is not here yet."""
        match = _SIZE_LINE.match(octets, place)
        if match is None:
            if len(octets) - place > LONGEST_SIZE_LINE or not _MAY_BEGIN_SIZE.match(octets, place):
                raise BadChunk
            return place
        self._extensions += len(match[2])
        if match.end() - place > LONGEST_SIZE_LINE or self._extensions > MOST_EXTENSION_OCTETS:
            raise BadChunk
        self._left = int(match[1], 16)
        self._next = _Next.DATA if self._left else _Next.TRAILERS
        return match.end()

    def _take_trailers(self, octets: bytes) -> bytes:
        """The section ends with an empty line, at once if there are no trailers; returns what follows."""
        if octets.startswith(b"\r\n"):
            self.done = True
            return octets[2:]
        end = octets.find(b"\r\n\r\n")
        if end < 0:
            if len(octets) > MOST_TRAILER_OCTETS:
                raise BadChunk
            self._partial = octets
            return b""
        if end > MOST_TRAILER_OCTETS:
            raise BadChunk
        try:
            check_lines(octets[: end + 2])
        except BadMessage:
            raise BadChunk from None
        kept, _ = sort_lines(octets[:end], _TRAILER_KINDS)
        self.trailers = b"".join([line + b"\r\n" for line in kept])
        self.done = True
        return octets[end + 4 :]


def reader_of(length: int) -> BodyReader:
    """The reader for a body of that length: octets, CHUNKED or UNTIL_CLOSE."""
    if length == CHUNKED:
        return Chunked()
    if length == UNTIL_CLOSE:
        return UntilClose()
    return Length(length)


def chunk(octets: bytes) -> bytes:
    """`octets`, not empty, as one chunk."""
    return b"%x\r\n%b\r\n" % (len(octets), octets)


def last_chunk(trailers: bytes) -> bytes:
    """The end of a chunked body; `trailers` are lines with their CRLF."""
    return b"0\r\n" + trailers + b"\r\n" if trailers else LAST_CHUNK
