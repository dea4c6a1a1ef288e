"""The process that an administrator means: `wiki`, `wiki@2`, `wiki@HOST:PID`."""

from __future__ import annotations

from collections.abc import Sequence

from shared.control.manhole.errors import ManholeAway
from shared.control.process import SeenProcess, list_processes
from shared.database.transaction import Transaction


def choose_process(tx: Transaction, wanted: str) -> SeenProcess:
    """`SERVICE` is the oldest process of it, `SERVICE@2` the second oldest; behind `@` may be `HOST:PID`, too, or one
    of both, as `agora service list` has them. Raises ManholeAway.
    """
    service, _, copy = wanted.partition("@")
    seen = [each for each in list_processes(tx, service) if each.report.manhole]
    seen.sort(key=lambda each: (each.started_at, each.report.host, each.report.pid))
    if not seen:
        raise ManholeAway(f"no process of {service} has a manhole")
    if not copy:
        return seen[0]
    if copy.isdigit() and 0 < int(copy) <= len(seen):  # in containers all have the same few numbers
        return seen[int(copy) - 1]
    found = [each for each in seen if copy in (each.name, each.report.host, str(each.report.pid))]
    if not found:
        raise ManholeAway(f"there is no {wanted}: there are {_names(seen)}")
    return found[0]


def _names(seen: Sequence[SeenProcess]) -> str:
    return ", ".join(f"{number} ({each.name})" for number, each in enumerate(seen, 1))
