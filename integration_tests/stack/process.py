"""A program's processes as Linux's kernel shows them: their memory and their parents."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path


def memory_octets(pid: int) -> int:
    """What a process and its descendants hold, shared pages divided by those who share them (PSS).

    Pages of files are left out: how many share them depends on the other stacks that run, and end, on this machine.
    """
    return sum(_pss(each) for each in family(pid))


def family(pid: int) -> Iterator[int]:
    """A process and its descendants."""
    yield pid
    for child in children(pid):
        yield from family(child)


def children(pid: int) -> list[int]:
    """The processes that `pid` has started and that live."""
    found: list[int] = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            after_name = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:  # gone meanwhile
            continue
        if int(after_name[1]) == pid and after_name[0] != "Z":
            found.append(int(entry.name))
    return found


def command_line(pid: int) -> str:
    """What a process calls itself; "" when it is gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    except OSError:
        return ""


def lives(pid: int) -> bool:
    """Whether the process is there and no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _pss(pid: int) -> int:
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    return sum(
        int(kilobytes) * 1024 for kilobytes in re.findall(r"^Pss_(?:Anon|Shmem):\s+(\d+) kB", rollup, re.MULTILINE)
    )
