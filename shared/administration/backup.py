"""A backup for an administrator: the same operation for `./agora backup` and for `backup` over SSH."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import IO

from shared.database.backup.errors import BackupUnderWay
from shared.database.backup.write_backup import BackupSummary, write_backup

_under_way = threading.Lock()  # one has some 20 MiB in memory, and two threads that compress


def back_up(
    url: str,
    target: IO[bytes],
    release: str,
    progress: Callable[[int, int], object],
    on_interrupt: Callable[[Callable[[], None]], object],
) -> BackupSummary:
    """Write everything that the store keeps to `target`, one backup at a time in a process; see `write_backup`.

    Raises BackupUnderWay, psycopg2.Error, OSError.
    """
    if not _under_way.acquire(blocking=False):
        raise BackupUnderWay("another backup is being sent: try again when it has ended")
    try:
        return write_backup(url, target, release, progress, on_interrupt)
    finally:
        _under_way.release()
