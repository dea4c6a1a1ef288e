"""Have a service restarted: its processes end after their drain, and what started them starts others."""

from __future__ import annotations

from datetime import datetime

from shared.control.channel import ServicesChanged
from shared.control.errors import NotStartedAgain, ServiceNotRunning
from shared.control.process import list_processes
from shared.database.transaction import Transaction


def restart_service(tx: Transaction, service: str, by: str) -> datetime:
    """Returns the moment: processes that are older end. Raises ServiceNotRunning, NotStartedAgain."""
    processes = list_processes(tx, service)
    if not processes:
        raise ServiceNotRunning(service)
    for each in processes:
        if not each.report.supervised:
            raise NotStartedAgain(f"{service} at {each.name}")
    asked: datetime = tx.value(
        "INSERT INTO service_restart (service, asked_by, asked_at) VALUES (%s, %s, clock_timestamp())"
        " ON CONFLICT (service) DO UPDATE SET asked_by = EXCLUDED.asked_by, asked_at = EXCLUDED.asked_at"
        " RETURNING asked_at",
        (service, by),
    )
    tx.announce(ServicesChanged())
    return asked
