"""Stop listeners, or start them: their rows say what is wanted, and the processes follow."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from shared.control.channel import ServicesChanged
from shared.control.errors import LastWayIn, ListenerHeld, OwnListener
from shared.control.listener import WAYS_IN, Listener, Stopped
from shared.control.process import list_processes
from shared.database.transaction import Transaction


def change_listeners(
    tx: Transaction, start: Collection[Listener], stop: Collection[Listener], by: str, came_by: Listener | None = None
) -> Sequence[Listener]:
    """Start those, stop these; returns what changed. `came_by`: the listener by which the administrator is here.

    Raises OwnListener, LastWayIn, ListenerHeld; nothing is changed then.
    """
    tx.execute("LOCK TABLE stopped_listener IN SHARE ROW EXCLUSIVE MODE")  # LastWayIn is about all rows
    before = list_stopped(tx)
    stopping = [each for each in stop if each not in before]
    starting = [each for each in start if each in before]
    if came_by in stopping:
        raise OwnListener(came_by)
    if (before.keys() - set(starting)) | set(stopping) >= WAYS_IN and stopping:
        raise LastWayIn
    _refuse_held(tx, stopping)
    for each in starting:
        tx.execute("DELETE FROM stopped_listener WHERE service = %s AND listener = %s", each)
    for each in stopping:
        tx.execute("INSERT INTO stopped_listener (service, listener, stopped_by) VALUES (%s, %s, %s)", (*each, by))
    if changed := [*starting, *stopping]:
        tx.announce(ServicesChanged())
        return changed
    return []


def stop_listeners(
    tx: Transaction, listeners: Collection[Listener], by: str, came_by: Listener | None = None
) -> Sequence[Listener]:
    """Returns those that were not stopped before. Raises OwnListener, LastWayIn, ListenerHeld."""
    return change_listeners(tx, (), listeners, by, came_by)


def start_listeners(tx: Transaction, listeners: Collection[Listener]) -> Sequence[Listener]:
    """Returns those that were stopped before."""
    return change_listeners(tx, listeners, (), "")


def list_stopped(tx: Transaction) -> Mapping[Listener, Stopped]:
    """All listeners that are to be stopped."""
    rows = tx.rows("SELECT service, listener, stopped_by, since FROM stopped_listener ORDER BY service, listener")
    return {Listener(service, name): Stopped(by, since) for service, name, by, since in rows}


def _refuse_held(tx: Transaction, stopping: Collection[Listener]) -> None:
    for process in list_processes(tx) if stopping else ():
        for name, door in process.report.doors.items():
            if door.held is not None and Listener(process.report.service, name) in stopping:
                raise ListenerHeld(f"{process.report.service}/{name}: {door.held}")
