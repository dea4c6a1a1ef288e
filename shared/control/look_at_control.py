"""What a process asks the store: what is wanted of it. It reports how it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple
from uuid import UUID

from psycopg2.extras import Json

from shared.control.listener import Stopped
from shared.control.process import PROCESS_LIFE, ProcessReport, doors_as_written
from shared.database.transaction import Transaction


class WantedDoors(NamedTuple):
    """The doors of a service that are to be stopped, and whether its processes of this age are to end."""

    stopped: Mapping[str, Stopped]
    restart: bool


def look_at_control(tx: Transaction, service: str, process: UUID | None = None) -> WantedDoors:
    """What is wanted of a process of `service`, which reported as `process`; of one that did not, no restart is."""
    rows = tx.rows("SELECT listener, stopped_by, since FROM stopped_listener WHERE service = %s", (service,))
    restart = tx.value(
        "SELECT EXISTS (SELECT FROM service_restart JOIN serving_process USING (service)"
        " WHERE serving_process.id = %s::uuid AND started_at < asked_at)",
        (None if process is None else str(process),),
    )
    return WantedDoors({name: Stopped(by, since) for name, by, since in rows}, bool(restart))


def report_process(tx: Transaction, report: ProcessReport) -> None:
    """Keep the report, and forget processes that are gone. Costs no disk: what is lost is reported again."""
    tx.execute_with_next("SET LOCAL synchronous_commit TO off")
    tx.execute_with_next("DELETE FROM serving_process WHERE seen_at < now() - %s", (PROCESS_LIFE,))
    tx.execute(
        "INSERT INTO serving_process (id, service, host, pid, supervised, doors, manhole)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s)"
        " ON CONFLICT (id) DO UPDATE SET seen_at = now(), doors = EXCLUDED.doors, manhole = EXCLUDED.manhole",
        (
            *(str(report.id), report.service, report.host, report.pid, report.supervised),
            *(Json(doors_as_written(report)), report.manhole),
        ),
    )


def look_while_hung(tx: Transaction, service: str, process: UUID) -> bool:
    """Whether a process that hangs is to be restarted. It is seen, although it does not report."""
    tx.execute("UPDATE serving_process SET seen_at = now() WHERE id = %s", (str(process),))
    return look_at_control(tx, service, process).restart


def forget_process(tx: Transaction, process: UUID) -> None:
    """It ends."""
    tx.execute("DELETE FROM serving_process WHERE id = %s", (str(process),))
