"""The processor time and the memory of processes, from Linux's /proc."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def family(roots: Iterable[int]) -> set[int]:
    """These processes, their children, and theirs."""
    children: dict[int, list[int]] = {}
    for pid, fields in _all():
        children.setdefault(int(fields[1]), []).append(pid)  # proc(5): state, parent, …, behind the name
    found: set[int] = set()
    waiting = list(roots)
    while waiting:
        pid = waiting.pop()
        if pid not in found:
            found.add(pid)
            waiting += children.get(pid, [])
    return found


def cpu_seconds(pids: Iterable[int]) -> float:
    """The processor's time that these have used, children that ended and were waited for included."""
    ticks = 0
    for pid in pids:
        with contextlib.suppress(OSError):
            ticks += sum(int(each) for each in _fields(pid)[11:15])  # utime, stime, cutime, cstime
    return ticks / _TICKS


def age_seconds(pid: int) -> float:
    """How long ago this process was started; 0 if it is gone."""
    try:
        started = int(_fields(pid)[19]) / _TICKS
    except OSError:
        return 0
    return time.clock_gettime(time.CLOCK_BOOTTIME) - started


def memory_octets(pids: Iterable[int]) -> int:
    """Their proportional set size: what pages several share counts once."""
    kilobytes = 0
    for pid in pids:
        with contextlib.suppress(OSError):
            for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    kilobytes += int(line.split()[1])
    return kilobytes * 1024


def anonymous_octets(pids: Iterable[int]) -> int:
    """Their resident memory but for files and shared memory (the database's buffers): cheap to ask for."""
    kilobytes = 0
    for pid in pids:
        with contextlib.suppress(OSError):
            for line in Path(f"/proc/{pid}/status").read_text().splitlines():
                if line.startswith("RssAnon:"):
                    kilobytes += int(line.split()[1])
    return kilobytes * 1024


def _all() -> Iterator[tuple[int, list[str]]]:
    for name in os.listdir("/proc"):
        if name.isdigit():
            with contextlib.suppress(OSError):
                yield int(name), _fields(int(name))


def _fields(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
