"""The free space on the store's disk: new messages are refused before PostgreSQL runs out of it.

PostgreSQL can do nothing without room for its log: on a full disk it ends and starts again in a circle, and members
could neither sign in nor delete. So new messages are refused while some room is left, which is for reading and
deleting.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

from shared.database.errors import StoreFull

LOOK_AGAIN_SECONDS = 0.25  # a disk that takes 500 MB/s loses 125 MB meanwhile
MIB = 1 << 20


class FreeSpace:
    """Knows whether at least `least_octets` are free on the disk that holds `directory`."""

    def __init__(
        self, directory: Path | None, least_octets: int, seconds: Callable[[], float] = time.monotonic
    ) -> None:
        """`directory`: None where this process cannot see the store's disk; there is always room then."""
        self._directory = directory
        self._least_octets = least_octets
        self._seconds = seconds
        self._look_at = 0.0
        self._shortage: str | None = None

    @property
    def shortage(self) -> str | None:
        """A sentence for the operator if there is too little room, else None.

        Looks at the disk four times a second at most.
        """
        if self._directory is None:
            return None
        now = self._seconds()
        if now >= self._look_at:
            self._look_at = now + LOOK_AGAIN_SECONDS
            self._shortage = self._look(self._directory)
        return self._shortage

    def check(self) -> None:
        """Return if new messages may be taken. Raises StoreFull."""
        if (shortage := self.shortage) is not None:
            raise StoreFull(shortage)

    def _look(self, directory: Path) -> str | None:
        free = free_octets(directory)
        if free is None or free >= self._least_octets:
            return None
        least = self._least_octets // MIB
        return f"the store's disk has {free // MIB} MiB free, new messages are refused below {least} MiB"


def free_octets(directory: Path) -> int | None:
    """The octets that PostgreSQL can still write on that disk; None when this process cannot see the directory."""
    try:
        disk = os.statvfs(directory)
    except OSError:
        return None
    return disk.f_bavail * disk.f_frsize


def disk_octets(directory: Path) -> int:
    """The size of the disk that holds `directory`."""
    disk = os.statvfs(directory)
    return disk.f_blocks * disk.f_frsize
