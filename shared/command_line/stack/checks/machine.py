"""The check of the machine: whether it has room for mail and connections."""

from __future__ import annotations

import resource
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from shared.command_line.service_places import in_container
from shared.command_line.stack.checks.finding import Finding, fine, warning, wrong
from shared.command_line.state_directory import StateDirectory
from shared.octets import format_octets

LITTLE_SPACE = 1 << 30  # PostgreSQL's write-ahead log alone may take 2 GiB between checkpoints
FEW_FILES = 8192  # each connection is one


def check_machine(directory: StateDirectory) -> Sequence[Finding]:
    """Space where the stack keeps its state, and how many connections a process may have."""
    return [_space(directory), _files()]


def _space(directory: StateDirectory) -> Finding:
    wanted = Path(tempfile.gettempdir()) if in_container() else directory.path  # large messages wait there
    folder = next(path for path in (wanted, *wanted.parents) if path.exists())
    free = shutil.disk_usage(folder).free
    fact = f"{format_octets(free)} free for {wanted}"
    if free < LITTLE_SPACE:
        elsewhere = "TMPDIR" if in_container() else "--state"
        return wrong("disk", fact, f"Make room, or use another disk: {elsewhere}.")
    return fine("disk", fact)


def _files() -> Finding:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most != resource.RLIM_INFINITY and most < FEW_FILES:
        return warning("connections", f"at most {most} for each process", "Raise it: `ulimit -Hn`, or LimitNOFILE=.")
    return fine("connections", f"up to {'any number' if most == resource.RLIM_INFINITY else most} for each process")
