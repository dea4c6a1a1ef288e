"""Orphans: the programs that a supervisor left behind when it was killed, and how the next one ends them."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from datetime import timedelta

from shared.command_line.state_directory import StateDirectory, start_time

# They were told to end when their supervisor went, and services leave within 10 s.
PATIENCE = timedelta(seconds=12)
AFTER_KILL = timedelta(seconds=5)


def orphans(directory: StateDirectory) -> dict[str, int]:
    """Programs of the last record that still live, by name: the pid with the same start time is the same process."""
    record = directory.record()
    if record is None:
        return {}
    return {
        name: process.pid
        for name, process in record.processes.items()
        if process.pid is not None and process.started is not None and start_time(process.pid) == process.started
    }


def end_orphans(directory: StateDirectory, patience: timedelta = PATIENCE) -> None:
    """Return when they are gone: first by themselves, then by force."""
    if _gone_within(directory, patience):
        return
    for pid in orphans(directory).values():
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    _gone_within(directory, AFTER_KILL)


def _gone_within(directory: StateDirectory, patience: timedelta) -> bool:
    deadline = time.monotonic() + patience.total_seconds()
    while orphans(directory):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True
