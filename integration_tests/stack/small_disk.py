"""A small disk, and another program that fills it: a tmpfs, which root may mount."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

from shared.database.free_space import free_octets

MIB = 1 << 20
DISK_OCTETS = 640 * MIB
WANTED_FREE_OCTETS = 64 * MIB
SETTINGS = {"AGORA_STORE_FREE_OCTETS": str(WANTED_FREE_OCTETS), "AGORA_POLL_INTERVAL": "1s"}  # of a stack on it


class CannotMount(Exception):
    """This is not root, or may not mount all the same."""


@contextlib.contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A disk at `folder`, which is made. Raises CannotMount."""
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={DISK_OCTETS},mode=711", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(command, capture_output=True).returncode != 0:
        raise CannotMount("mounting a tmpfs needs root")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@contextlib.contextmanager
def ballast(disk: Path, leave_octets: int) -> Iterator[Callable[[int], None]]:
    """Another program takes what is free but for so much; on leaving, it gives that back.

    What it gives takes what has become free meanwhile, too, but for so many octets.
    """
    file = disk / "ballast"

    def take(leave_octets: int) -> None:
        with file.open("ab") as taken:
            _take(taken.fileno(), disk, leave_octets)

    try:
        take(leave_octets)
        yield take
    finally:
        file.unlink(missing_ok=True)


def _take(descriptor: int, disk: Path, leave_octets: int) -> None:
    while (free := free_octets(disk) or 0) > leave_octets:
        with contextlib.suppress(OSError):  # PostgreSQL was faster
            os.posix_fallocate(descriptor, os.fstat(descriptor).st_size, free - leave_octets)
