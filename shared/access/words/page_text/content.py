"""Content codings undone piece by piece, in bounded memory and time (RFC 9110 §8.4.1)."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

from shared.access.words.page_text.coding_bounds import MOST_OCTETS, BrokenCoding, CodingBounds, TooLong
from shared.access.words.page_text.window_codings import WINDOW_CODINGS, WindowCoding

_MOST_CODINGS = (
    2  # two come from a gzip file that is served with Content-Encoding: gzip by mistake; no server means more
)
_CODINGS = WINDOW_CODINGS | {"gzip", "deflate"}
_GZIP_MAGIC = b"\x1f\x8b"
_GZIP, _ZLIB, _RAW = 31, 15, -15  # zlib's `wbits`


class CodingInflater:
    """One gzip or deflate coding undone; hands out at most what is asked for at a time."""

    def __init__(self, gzip: bool) -> None:
        self._gzip = gzip
        self._zlib: zlib._Decompress | None = None
        self._waiting = b""
        self._more_inside = False  # zlib took all input and was stopped by the limit of its output
        self._ended = False
        self._bounds = CodingBounds()

    def push(self, octets: bytes) -> None:
        """Give it some more; a few KiB at a time, they are copied for each piece that comes out."""
        if not self._ended:
            self._waiting += octets
            self._bounds.taken += len(octets)

    def pull(self, most: int) -> bytes:
        """The next octets, at most `most`; none when it needs more. Raises BrokenCoding, ContentBomb, TooLong."""
        while not self._ended and (self._waiting or self._more_inside):
            inflater = self._zlib or self._begin()
            if inflater is None:
                break
            try:
                piece = inflater.decompress(self._waiting, most)
            except zlib.error as error:
                raise BrokenCoding from error
            self._waiting, self._more_inside = inflater.unconsumed_tail, len(piece) == most
            self._bounds.give(len(piece))
            if inflater.eof:
                self._end_member(inflater.unused_data)
            if piece:
                return piece
        return b""

    def _begin(self) -> zlib._Decompress | None:
        """Ready for the first octets, or those of another member of gzip (RFC 1952 §2.2); None without enough to tell.

        `deflate` is zlib's format, but some servers send it bare (RFC 9110 §8.4.1.2). Octets after the end are nothing.
        """
        if self._bounds.given and not _GZIP_MAGIC.startswith(self._waiting[:2]):
            self._end()
        elif len(self._waiting) >= len(_GZIP_MAGIC):
            self._zlib = zlib.decompressobj(_GZIP if self._gzip else _deflate_format(self._waiting))
        return self._zlib

    def _end_member(self, rest: bytes) -> None:
        self._zlib, self._more_inside, self._waiting = None, False, rest
        if not self._gzip:
            self._end()

    def _end(self) -> None:
        self._ended, self._waiting = True, b""


class NoCoding:
    """No coding: the octets as they are, up to the same limit."""

    def __init__(self) -> None:
        self._waiting = b""
        self._given = 0

    def push(self, octets: bytes) -> None:
        """As CodingInflater's."""
        self._waiting += octets

    def pull(self, most: int) -> bytes:
        """As CodingInflater's. Raises TooLong."""
        piece, self._waiting = self._waiting[:most], self._waiting[most:]
        self._given += len(piece)
        if self._given > MOST_OCTETS:
            raise TooLong
        return piece


class ContentDecoder:
    """All codings of one page undone, the last one applied first."""

    def __init__(self, codings: Sequence[str]) -> None:
        """`codings` as codings_of() tells them."""
        self._stages: list[CodingInflater | WindowCoding | NoCoding] = [
            WindowCoding(name) if name in WINDOW_CODINGS else CodingInflater(gzip=name == "gzip")
            for name in reversed(codings)
        ]
        if not self._stages:
            self._stages.append(NoCoding())
        self.is_hungry = True

    def push(self, octets: bytes) -> None:
        """Some more octets as they were sent, a few KiB at a time."""
        self._stages[0].push(octets)

    def pull(self, most: int) -> bytes:
        """The next decoded octets, at most `most`; errors as CodingInflater's. `is_hungry` says that it needs more."""
        piece = self._stages[0].pull(most)
        self.is_hungry = not piece
        for stage in self._stages[1:]:
            stage.push(piece)
            piece = stage.pull(most)
            self.is_hungry = self.is_hungry and not piece
        return piece


def codings_of(content_encoding: bytes) -> Sequence[str] | None:
    """The codings of a Content-Encoding field, in the order they were applied; None when one cannot be undone here."""
    named = [name.strip().lower().removeprefix(b"x-") for name in content_encoding.split(b",")]
    codings = [name.decode("latin-1") for name in named if name not in (b"", b"identity")]
    if len(codings) > _MOST_CODINGS or not _CODINGS.issuperset(codings):
        return None
    return codings


def _deflate_format(start: bytes) -> int:
    is_zlib = start[0] & 0x0F == 8 and int.from_bytes(start[:2], "big") % 31 == 0  # RFC 1950 §2.2
    return _ZLIB if is_zlib else _RAW
