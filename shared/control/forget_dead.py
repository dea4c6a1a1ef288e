"""Forget the processes of a service that were killed on this host, so that nobody waits for them."""

from __future__ import annotations

import os
import time
from pathlib import Path
from uuid import UUID

from shared.control.look_at_control import forget_process
from shared.database.database import Database
from shared.database.transaction import Transaction

_TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")
_START = 19  # of the fields behind the name in /proc/PID/stat (proc(5)): starttime, in ticks; the state is the first


async def forget_dead(database: Database, service: str, host: str) -> None:
    """Processes that have reported from `host` and are gone. A number may be another's by now, as in a container that
    was started again: whoever has it and was not there at the last report is somebody else.
    """
    asked = time.clock_gettime(time.CLOCK_BOOTTIME)
    for process, pid, unseen_seconds in await database.read(_on_host, service, host):
        started = _started(pid)
        if started is None or asked - started < unseen_seconds:
            await database.transact(forget_process, process)


def _on_host(tx: Transaction, service: str, host: str) -> list[tuple[UUID, int, float]]:
    rows = tx.rows(
        "SELECT id, pid, extract(epoch FROM now() - seen_at)::float8 FROM serving_process"
        " WHERE service = %s AND host = %s",
        (service, host),
    )
    return [(UUID(str(number)), pid, unseen) for number, pid, unseen in rows]


def _started(pid: int) -> float | None:
    """When a process was started, in seconds since the machine was, up to a tick late; None if there is none of that
    number.

    0 for one that cannot be looked at: another user's, or from a directory without /proc.
    """
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return 0.0 if _is_there(pid) else None
    fields = stat.rpartition(")")[2].split()
    if fields[0] == "Z":
        return None
    return (int(fields[_START]) + 1) / _TICKS_A_SECOND  # the kernel rounds down; the next may start at once


def _is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True  # another user's
    return True
