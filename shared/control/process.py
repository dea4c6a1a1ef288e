"""A process of a service, and what it reports of its doors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from shared.database.transaction import Transaction

PROCESS_LIFE = timedelta(seconds=45)  # three reports: one that was not seen for so long is gone
OPEN, STOPPED, OFF, CLOSED = "open", "stopped", "off", "closed"
_MOST_PROCESSES = 1_000  # that are listed


@dataclass(frozen=True, slots=True)
class DoorReport:
    """A door of a process: open; stopped, as an administrator wants it; off, by the settings; closed by a fault.

    `held`: why it cannot be stopped.
    """

    state: str
    held: str | None = None


@dataclass(frozen=True, slots=True)
class ProcessReport:
    """A process as it tells of itself. `manhole`: an administrator may run Python in it."""

    id: UUID
    service: str
    host: str
    pid: int
    supervised: bool
    doors: Mapping[str, DoorReport]
    manhole: bool = False


@dataclass(frozen=True, slots=True)
class SeenProcess:
    """A process as the store knows it."""

    report: ProcessReport
    started_at: datetime
    seen_at: datetime

    @property
    def name(self) -> str:
        """`HOST:PID`."""
        return f"{self.report.host}:{self.report.pid}"


def list_processes(tx: Transaction, service: str | None = None) -> Sequence[SeenProcess]:
    """Those that are seen, of one service or all."""
    rows = tx.rows(
        "SELECT id, service, host, pid, supervised, doors, manhole, started_at, seen_at FROM serving_process"
        " WHERE seen_at > now() - %s AND (%s::text IS NULL OR service = %s)"
        " ORDER BY service, host, started_at, pid LIMIT %s",
        (PROCESS_LIFE, service, service, _MOST_PROCESSES),
    )
    return [_seen(*row) for row in rows]


def doors_as_written(report: ProcessReport) -> dict[str, Any]:
    """The doors as the store keeps them."""
    return {name: asdict(door) for name, door in report.doors.items()}


def _seen(
    number: str,
    service: str,
    host: str,
    pid: int,
    supervised: bool,
    doors: Mapping[str, Any],
    manhole: bool,
    started: datetime,
    seen: datetime,
) -> SeenProcess:
    told = {name: DoorReport(door["state"], door["held"]) for name, door in doors.items()}
    return SeenProcess(ProcessReport(UUID(str(number)), service, host, pid, supervised, told, manhole), started, seen)
