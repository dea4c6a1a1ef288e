"""Octets of a message under way, held in memory that is theirs alone: a process grows by what they are, and shrinks.

A bytearray that grows takes an eighth more than it holds, and leaves holes between those of other clients that grow at
the same time: 64 MiB of half messages took 88 MB. Above MAPPED_OCTETS they are in a map of their own, of which only
the pages that were written to take memory, and which goes back to the system when it is closed.
"""

from __future__ import annotations

import mmap

MAPPED_OCTETS = 64 * 1024  # nearly all mail is smaller; below it the new pages of a map would be most of its cost
MAP_OCTETS = 256 * 1024  # of address space, not of memory, for the first map; each one after it has four times as many


class HeldOctets:
    """Octets appended in pieces, then read as one sequence."""

    __slots__ = ("_length", "_map", "_small")

    def __init__(self) -> None:
        self._small: bytes | bytearray = b""  # all of them, while there is no map
        self._map: mmap.mmap | None = None
        self._length = 0

    def append(self, octets: bytes) -> None:
        """Add a piece. Raises OSError when the system gives no more memory."""
        length = self._length + len(octets)
        if not self._length:
            self._small = octets
        elif length <= MAPPED_OCTETS:
            if not isinstance(self._small, bytearray):
                self._small = bytearray(self._small)
            self._small += octets
        else:
            self._mapped(length).write(octets)
        self._length = length

    def _mapped(self, length: int) -> mmap.mmap:
        """The map, with room for so many octets."""
        old = self._map
        if old is not None and length <= len(old):
            return old
        size = MAP_OCTETS
        while size < length:
            size *= 4
        self._map = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        if old is None:
            self._map.write(self._small)
            self._small = b""
        else:
            with memoryview(old) as view:
                self._map.write(view[: self._length])
            old.close()
        return self._map

    @property
    def octets(self) -> bytes:
        """All of them, as one piece from now on."""
        small = self._small
        if type(small) is bytes and self._map is None:
            return small
        if self._map is not None:
            self.replace(self._map[: self._length])
        elif isinstance(self._small, bytearray):
            self._small = bytes(self._small)
        assert isinstance(self._small, bytes)
        return self._small

    def replace(self, octets: bytes) -> None:
        """Hold `octets` in place of what was held."""
        if self._map is not None:
            self._map.close()
            self._map = None
        self._small, self._length = octets, len(octets)

    def clear(self) -> None:
        """Drop all octets."""
        if self._map is not None:
            self._map.close()
            self._map = None
        self._small, self._length = b"", 0
