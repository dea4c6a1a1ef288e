"""The process that parses one large feed: it reads the document from standard input, and ends at its limits.

A document of 10 MiB may be made so that feedparser takes hours, or gigabytes: a tag with a million attributes, elements
nested as deeply.
"""

from __future__ import annotations

import os
import pickle
import resource
import sys
from contextlib import suppress

from shared.feeds.errors import NotAFeed
from shared.feeds.parse import parse_feed

CPU_SECONDS = 30  # the largest feeds have some 5 MiB and take 10 s
MEMORY_OCTETS = 1 << 30  # of addresses; they take 300 MiB
NICENESS = 10  # mail and news go first


def main() -> None:
    """Write the pickled Feed, or None for what is none; nothing at all when a limit is reached."""
    os.nice(NICENESS)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    cpu_seconds = int(sys.argv[1])
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds))
    with suppress(ValueError, OSError):  # macOS knows no such limit
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_OCTETS, MEMORY_OCTETS))
    octets, content_type, url = pickle.load(sys.stdin.buffer)
    try:
        feed = parse_feed(octets, content_type, url)
    except NotAFeed as error:
        if isinstance(error.__cause__, MemoryError):
            return
        feed = None
    sys.stdout.buffer.write(pickle.dumps(feed))


if __name__ == "__main__":
    main()
