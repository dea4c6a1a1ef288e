"""COMPRESS=DEFLATE (RFC 4978): raw deflate both ways, without letting a bomb grow in memory."""

from __future__ import annotations

import zlib

INFLATED_OCTETS = 64 * 1024  # what one step may yield, however little went in


class Inflater:
    """The client's stream. Its octets stay compressed until there is room for the text."""

    __slots__ = ("_compressed", "_stream", "has_more")

    def __init__(self) -> None:
        self._stream = zlib.decompressobj(-zlib.MAX_WBITS)  # negative: no zlib header
        self._compressed = b""
        self.has_more = False  # whether `take` may give octets without another `add`

    def add(self, octets: bytes) -> None:
        """Add what came over the wire."""
        self._compressed += octets
        self.has_more = True

    def take(self) -> bytes:
        """At most INFLATED_OCTETS of what was said. Raises zlib.error for what is no deflate stream or ends it."""
        inflated = self._stream.decompress(self._compressed, INFLATED_OCTETS)
        if self._stream.eof:
            raise zlib.error("the stream was ended from within")
        self._compressed = self._stream.unconsumed_tail
        # A full step may have left more inside the stream, even with nothing left to feed it.
        self.has_more = bool(self._compressed) or len(inflated) == INFLATED_OCTETS
        return inflated


class Deflater:
    """Our stream: every `deflate` can be understood to its end at once."""

    __slots__ = ("_stream",)

    def __init__(self) -> None:
        # A window of 4 KB and memLevel 5 cost 32 KB a connection instead of 256 KB (zconf.h: 2^(w+2) + 2^(m+9)), for a
        # few per cent of size; level 3 is where more effort stops paying on mail.
        self._stream = zlib.compressobj(3, zlib.DEFLATED, -12, 5)

    def deflate(self, octets: bytes) -> bytes:
        """`octets` compressed, flushed to an octet's edge."""
        return self._stream.compress(octets) + self._stream.flush(zlib.Z_SYNC_FLUSH)
