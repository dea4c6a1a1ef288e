"""Looking for octets in a message, in memory or mapped.

Before CPython 3.11.5 `mmap.find` looks at the octet behind the last one (gh-105235). In a map that ends with its page
that octet belongs to nobody, and a message of such a size would end the process: Debian 12 has 3.11.2.
"""

from __future__ import annotations

from mmap import mmap

# A map is read piece by piece, so that memory stays small and no single call keeps other threads waiting: a copy of
# 256 KiB takes about 20 microseconds. The first piece is a page, for what is looked for is mostly near.
_FIRST_OCTETS = 4 << 10
_MOST_OCTETS = 256 << 10


def find(octets: bytes | mmap, needle: bytes, start: int, limit: int) -> int:
    """Where `needle` is first found as a whole in `start:limit`; -1 where it is not."""
    if isinstance(octets, bytes):
        return octets.find(needle, start, limit)
    size, overlap = _FIRST_OCTETS, len(needle) - 1
    while start < limit:
        found = octets[start : min(start + size + overlap, limit)].find(needle)
        if found >= 0:
            return start + found
        start += size
        size = min(2 * size, _MOST_OCTETS)
    return -1


def count(octets: bytes | mmap, needle: bytes, start: int, limit: int) -> int:
    """How often the single octet `needle` is in `start:limit`."""
    if isinstance(octets, bytes):
        return octets.count(needle, start, limit)
    return sum(octets[at : min(at + _MOST_OCTETS, limit)].count(needle) for at in range(start, limit, _MOST_OCTETS))
