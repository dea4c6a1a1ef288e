"""Services: their listeners, stopped and started at every copy; restarts; what each copy reports."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import NamedTuple

from shared.control import change_listeners as changes
from shared.control.listener import LISTENERS, Listener, Stopped, check_service, parse_listeners
from shared.control.process import OFF, OPEN, STOPPED, SeenProcess, list_processes
from shared.control.restart_service import restart_service
from shared.database.transaction import Transaction
from shared.doors import find_door


class ListenerCopy(NamedTuple):
    """A listener at one process: `name` is HOST:PID, `state` open, stopped, off or closed (by a fault)."""

    name: str
    state: str
    held: str | None  # why it cannot be stopped


class ListenerLine(NamedTuple):
    """A listener as it is wanted (None: started), and as it is at every copy that is seen."""

    listener: Listener
    stopped: Stopped | None
    copies: Sequence[ListenerCopy]


class Starting(NamedTuple):
    """Listeners on their way to be open: services of which no process is seen, copies that have not done it yet, and
    the listeners that are open at a copy. What is in none of them is off, by the settings.
    """

    away: list[str]
    late: list[str]
    open: Collection[Listener]


def list_all(tx: Transaction, name: str | None = None) -> Sequence[ListenerLine]:
    """Those that `name`, SERVICE or SERVICE/LISTENER, means, or all. Raises ListenerNotFound."""
    listeners = LISTENERS if name is None else parse_listeners(name)
    stopped, processes = changes.list_stopped(tx), list_processes(tx)
    return [ListenerLine(each, stopped.get(each), _copies(each, processes)) for each in listeners]


def stop(tx: Transaction, name: str, by: str, door: str | None = None) -> Sequence[Listener]:
    """Stop what `name` means, as the administrator `by`, who came by `door`; returns all of it.

    Raises ListenerNotFound, OwnListener, LastWayIn, ListenerHeld.
    """
    listeners = parse_listeners(name)
    changes.stop_listeners(tx, listeners, by, _listener_at(door))
    return listeners


def start(tx: Transaction, name: str) -> Sequence[Listener]:
    """Start what `name` means; returns all of it. Raises ListenerNotFound."""
    listeners = parse_listeners(name)
    changes.start_listeners(tx, listeners)
    return listeners


def changes_to(
    tx: Transaction, among: Collection[str], names: Collection[str], by: str, door: str
) -> Sequence[tuple[str, Callable[[Transaction], object]]]:
    """What makes of the listeners `among` those that `names` has started, and the others stopped, as commands.

    Starting comes first. Raises ListenerNotFound.
    """
    stopped, checked = changes.list_stopped(tx), set(named(names))
    starting = [each for each in named(among) if each in checked and each in stopped]
    stopping = [each for each in named(among) if each not in checked and each not in stopped]
    return [
        *((f"service start {each}", partial(start, name=str(each))) for each in starting),
        *((f"service stop {each}", partial(stop, name=str(each), by=by, door=door)) for each in stopping),
    ]


def named(names: Collection[str]) -> Sequence[Listener]:
    """All that the names mean. Raises ListenerNotFound."""
    return [listener for name in names for listener in parse_listeners(name)]


def can_be_stopped(line: ListenerLine) -> bool:
    """Whether the listener is at any copy, and ours to close at all."""
    present = [copy for copy in line.copies if copy.state != OFF]
    return line.stopped is not None or (bool(present) and all(copy.held is None for copy in present))


def restart(tx: Transaction, service: str, by: str) -> datetime:
    """Processes of `service` that are older than the moment that is returned end after their drain.

    Raises ListenerNotFound, ServiceNotRunning, NotStartedAgain.
    """
    return restart_service(tx, check_service(service), by)


def laggards(tx: Transaction, listeners: Collection[Listener]) -> list[str]:
    """The copies at which one of these listeners is not as it is wanted yet."""
    return _late([line for line in list_all(tx) if line.listener in listeners])


def look_at_start(tx: Transaction, listeners: Collection[Listener]) -> Starting:
    """How far the copies are with these listeners, which are to be open."""
    stopped, processes = changes.list_stopped(tx), list_processes(tx)
    lines = [ListenerLine(each, stopped.get(each), _copies(each, processes)) for each in listeners]
    return Starting(
        away=sorted({each.service for each in listeners} - {each.report.service for each in processes}),
        late=_late(lines),
        open=[line.listener for line in lines if any(copy.state == OPEN for copy in line.copies)],
    )


def ages(tx: Transaction, service: str) -> Mapping[str, datetime]:
    """When each process of the service that is seen was started."""
    return {each.name: each.started_at for each in list_processes(tx, service)}


def _copies(listener: Listener, processes: Sequence[SeenProcess]) -> Sequence[ListenerCopy]:
    return [
        ListenerCopy(each.name, door.state, door.held)
        for each in processes
        if each.report.service == listener.service and (door := each.report.doors.get(listener.name)) is not None
    ]


def _listener_at(door: str | None) -> Listener | None:
    return None if door is None else Listener(find_door(door).service, door)


def _late(lines: Sequence[ListenerLine]) -> list[str]:
    return sorted({
        copy.name
        for line in lines
        for copy in line.copies
        if copy.state not in (OFF, OPEN if line.stopped is None else STOPPED)
    })  # fmt: skip
