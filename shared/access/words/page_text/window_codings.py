"""The codings `br` (RFC 7932) and `zstd` (RFC 8878) undone piece by piece.

Unlike gzip's 32 KiB, the window of octets that they refer back to may have 16 and 8 MiB, of which a page fills as much
as comes out of it. How many pages may have such a window at once is bounded in words.py.
"""

from __future__ import annotations

import sys
from typing import Any, Protocol

import brotli

from shared.access.words.page_text.coding_bounds import BrokenCoding, CodingBounds, ContentBomb

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

WINDOW_CODINGS = frozenset(("br", "zstd"))
_ZSTD_OPTIONS: dict[int, int] = {zstd.DecompressionParameter.window_log_max: 23}  # 8 MiB: RFC 9659 §3
MOST_FRAMES = 64  # of zstd in one page; servers send one, and each costs a new decoder


class WindowDecoder(Protocol):
    """A decoder that keeps what it could not use for lack of room."""

    has_ended: bool

    def undo(self, octets: bytes, most: int) -> bytes:
        """The next decoded octets, about `most`; none when it needs more. Raises BrokenCoding, ContentBomb."""


class WindowCoding:
    """One such coding undone, as CodingInflater undoes gzip."""

    def __init__(self, name: str) -> None:
        self._decoder: WindowDecoder = Brotli() if name == "br" else Zstd()
        self._waiting = b""
        self._ready = b""  # br gives 32 KiB at a time, whatever it is asked for
        self._more_inside = False
        self._bounds = CodingBounds()

    def push(self, octets: bytes) -> None:
        """As CodingInflater's."""
        if not self._decoder.has_ended:
            self._waiting += octets
            self._bounds.taken += len(octets)

    def pull(self, most: int) -> bytes:
        """As CodingInflater's. Raises BrokenCoding, ContentBomb, TooLong."""
        if not self._ready and (self._waiting or self._more_inside) and not self._decoder.has_ended:
            octets, self._waiting = self._waiting, b""
            self._ready = self._decoder.undo(octets, most)
            self._more_inside = bool(self._ready)
            self._bounds.give(len(self._ready))
        piece, self._ready = self._ready[:most], self._ready[most:]
        return piece


class Brotli:
    """A stream of `br`."""

    def __init__(self) -> None:
        self._decompressor = brotli.Decompressor()
        self._input: bytes = b""  # not taken yet: while there is output, it takes none
        self.has_ended = False

    def undo(self, octets: bytes, most: int) -> bytes:
        """See WindowDecoder."""
        self._input += octets
        octets = b""
        if self._decompressor.can_accept_more_data():
            octets, self._input = self._input, b""
        try:
            piece: bytes = self._decompressor.process(octets, output_buffer_limit=most)
            self.has_ended = self._decompressor.is_finished()
        except brotli.error as error:
            raise BrokenCoding from error
        return piece


class Zstd:
    """Frames of `zstd`, one behind the other."""

    def __init__(self) -> None:
        self._decompressor: Any = None
        self._input = b""  # behind a frame that has just given its last octets
        self._frames = 0
        self.has_ended = False

    def undo(self, octets: bytes, most: int) -> bytes:
        """See WindowDecoder."""
        octets, self._input = self._input + octets, b""
        while octets or self._decompressor is not None:
            frame = self._decompressor or self._begin_frame()
            try:
                piece: bytes = frame.decompress(octets, max_length=most)
            except zstd.ZstdError as error:
                raise BrokenCoding from error
            if not frame.eof:
                return piece
            octets, self._decompressor = frame.unused_data, None
            if piece:
                self._input = octets
                return piece
        return b""

    def _begin_frame(self) -> Any:
        self._frames += 1
        if self._frames > MOST_FRAMES:
            raise ContentBomb
        self._decompressor = zstd.ZstdDecompressor(options=_ZSTD_OPTIONS)
        return self._decompressor
