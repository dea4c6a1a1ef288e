"""Looking for octets in a message, in memory or mapped.

Before CPython 3.11.5 `mmap.find` looks at the octet behind the last one (gh-105235). In a map that ends with its page
that octet belongs to nobody, and a message of such a size would end the process: Debian 12 has 3.11.2.
"""

from __future__ import annotations

import re
from mmap import mmap

from shared.bounded_cache import remembers


def find(octets: bytes | mmap, needle: bytes, start: int, limit: int) -> int:
    """Where `needle` is first found as a whole in `start:limit`; -1 where it is not."""
    if isinstance(octets, bytes):
        return octets.find(needle, start, limit)
    found = _pattern(needle).search(octets, start, limit)
    return found.start() if found else -1


@remembers(most=256)  # the boundaries of the messages that are being read
def _pattern(needle: bytes) -> re.Pattern[bytes]:
    return re.compile(re.escape(needle))
