"""The compression of a fetched body undone, up to a limit: a few octets may have been made of very many."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from shared.give_way import Turns
from shared.reach.fetch_errors import AnswerTooLarge, BrokenAnswer

ACCEPTED_CODINGS = b"gzip, deflate"
MOST_MEMBERS = 64  # of one gzip body; servers send one
_PIECE_OCTETS = 64 * 1024  # in and out: 0.5 ms
_GZIP_MAGIC = b"\x1f\x8b"
_GZIP, _ZLIB, _RAW = 31, 15, -15  # zlib's `wbits`


def coding_of(content_encoding: str) -> str | None:
    """The coding that a field of that value names, None for none. Raises BrokenAnswer for one we do not accept."""
    coding = content_encoding.strip().lower().removeprefix("x-")
    if coding in ("", "identity"):
        return None
    if coding not in ("gzip", "deflate"):
        raise BrokenAnswer("the answer is compressed in a way that was not asked for")
    return coding


async def inflate(packed: bytes, coding: str, most_octets: int, turns: Turns) -> bytes:
    """The octets of which `packed` was made. Raises AnswerTooLarge, BrokenAnswer."""
    pieces: list[bytes] = []
    octets = 0
    try:
        for piece in _gzip(packed) if coding == "gzip" else _deflate(packed):
            octets += len(piece)
            if octets > most_octets:
                raise AnswerTooLarge.than(most_octets)
            pieces.append(piece)
            if turns.is_over:
                await turns.give_way()
    except zlib.error as error:
        raise BrokenAnswer("the answer's compression is broken") from error
    return b"".join(pieces)


def _deflate(packed: bytes) -> Iterator[bytes]:
    """zlib's format (RFC 1950), which some servers leave out (RFC 9110 §8.4.1.2)."""
    if packed:
        is_zlib = packed[0] & 0x0F == 8 and int.from_bytes(packed[:2], "big") % 31 == 0  # RFC 1950 §2.2
        yield from _Stream(packed, 0, _ZLIB if is_zlib else _RAW)


def _gzip(packed: bytes) -> Iterator[bytes]:
    """One member after the other (RFC 1952 §2.2); what follows and is none is nothing."""
    start = 0
    for _ in range(MOST_MEMBERS):
        if start == len(packed) or (start and not packed.startswith(_GZIP_MAGIC, start)):
            return
        stream = _Stream(packed, start, _GZIP)
        yield from stream
        start = stream.end
    raise BrokenAnswer("the answer is compressed in too many parts")


class _Stream:
    """What comes out of one stream of zlib's, in pieces."""

    def __init__(self, packed: bytes, start: int, wbits: int) -> None:
        self.end = start  # and then where it ends
        self._packed = memoryview(packed)
        self._zlib = zlib.decompressobj(wbits)

    def __iter__(self) -> Iterator[bytes]:
        waiting: bytes | memoryview = b""
        while not self._zlib.eof:
            if not waiting:
                waiting = self._packed[self.end : self.end + _PIECE_OCTETS]
                if not waiting:
                    raise BrokenAnswer("the answer broke off")
                self.end += len(waiting)
            piece = self._zlib.decompress(waiting, _PIECE_OCTETS)
            waiting = self._zlib.unconsumed_tail
            yield piece
        self.end -= len(self._zlib.unused_data)
