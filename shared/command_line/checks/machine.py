"""Whether the machine has room for what is to come."""

from __future__ import annotations

import resource
import shutil
from collections.abc import Sequence

from shared.command_line.checks.finding import Finding, fine, warning, wrong
from shared.command_line.place import Place
from shared.command_line.quantities import format_octets

LITTLE_SPACE = 1 << 30  # PostgreSQL's write-ahead log alone may take 2 GiB between checkpoints
FEW_FILES = 8192  # each connection is one


def check_machine(place: Place) -> Sequence[Finding]:
    """Space where the stack keeps its state, and how many connections a process may have."""
    return [_space(place), _files()]


def _space(place: Place) -> Finding:
    directory = next(path for path in (place.state, *place.state.parents) if path.exists())
    free = shutil.disk_usage(directory).free
    fact = f"{format_octets(free)} free for {place.state}"
    if free < LITTLE_SPACE:
        return wrong("disk", fact, "Make room, or keep the state elsewhere with --state.")
    return fine("disk", fact)


def _files() -> Finding:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most != resource.RLIM_INFINITY and most < FEW_FILES:
        return warning("connections", f"at most {most} for each process", "Raise it: `ulimit -Hn`, or LimitNOFILE=.")
    return fine("connections", f"up to {'any number' if most == resource.RLIM_INFINITY else most} for each process")
