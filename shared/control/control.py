"""The doors of a process as an administrator wants them: closed while they are stopped, opened when they are started.

The process looks at the store when the bus has news, every poll interval while Redis is away, when another process has
closed a door that both have, and every REPORT_INTERVAL, when it also reports that it lives.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from twisted.internet.task import LoopingCall, deferLater
from twisted.logger import Logger

from shared.control.channel import SERVICES_CHANGED
from shared.control.forget_dead import forget_dead
from shared.control.listener import Stopped
from shared.control.look_at_control import WantedDoors, forget_process, look_at_control, look_while_hung, report_process
from shared.control.process import CLOSED, OFF, OPEN, STOPPED, DoorReport, ProcessReport
from shared.control.sessions.desk import SessionDesk
from shared.database.blocking import BlockingDatabase
from shared.database.database import Database
from shared.errors import DomainError
from shared.events.bus import Bus
from shared.events.channel import EVERYTHING
from shared.runtime.doors import OpenDoor
from shared.runtime.until_quiet import UntilQuiet

DRAIN = timedelta(seconds=30)  # for those who are connected when their door is stopped
REPORT_INTERVAL = timedelta(seconds=15)
FIRST_LOOK = timedelta(seconds=2)  # a store that is slower does not keep the doors closed
_LOOK_AGAIN_SECONDS = 0.02
_log = Logger()


class Control:
    """Follows what is wanted of one process's doors."""

    def __init__(
        self,
        reactor: Any,
        database: Database,
        bus: Bus,
        service: str,
        doors: Sequence[OpenDoor],
        *,
        process: UUID,
        desk: SessionDesk,
        supervised: bool,
        end: Callable[[], None],
    ) -> None:
        """`desk` answers for the sessions of `process`. `end` ends the process, after its drain; `supervised`:
        something starts it again then.
        """
        self._reactor = reactor
        self._database = database
        self._bus = bus
        self._service = service
        self._supervised = supervised
        self._end = end
        self._doors = doors
        self.process = process
        self.has_manhole = False  # told with the next report
        self._desk = desk
        self._stopped: dict[str, Stopped] = {}
        self._held: set[str] = set()  # doors that are to be stopped, and cannot be: told once
        self._reported: ProcessReport | None = None
        self._reported_at = float("-inf")
        self._looks = UntilQuiet(self._look, "looking which listeners are stopped")
        self._closed = False
        self._beat = LoopingCall(self.look)
        self._beat.clock = reactor
        for door in doors:
            door.lost = self.look

    async def begin(self) -> None:
        """Open the doors that are not stopped, and follow from now on. While the store is away, open all."""
        self._desk.begin()
        self._bus.watch(SERVICES_CHANGED, EVERYTHING, lambda _: self.look())
        self.look()
        deadline = self._reactor.seconds() + FIRST_LOOK.total_seconds()
        while self._looks.is_looking and not self._database.away_because and self._reactor.seconds() < deadline:
            await deferLater(self._reactor, _LOOK_AGAIN_SECONDS)
        if not self._closed:
            for door in self._doors:
                if door.name not in self._stopped and not door.is_open:
                    door.open()
            self._beat.start(REPORT_INTERVAL.total_seconds(), now=False)

    def look(self) -> None:
        """Look at what is wanted, soon."""
        if not self._closed:
            self._looks.look()

    def troubles(self) -> Iterator[str]:
        """Every door that does not accept, and why, for people."""
        for door in self._doors:
            if door.name in self._stopped:
                yield f"{door.name}: {self._stopped[door.name]}"
            elif not door.is_open:
                yield f"{door.name}: closed"

    def is_to_end(self, store: BlockingDatabase) -> bool:
        """Whether the process is to be restarted. For a thread, while the reactor hangs."""
        return store.transact(look_while_hung, self._service, self.process)

    def close(self) -> None:
        """Follow no more: the process ends."""
        self._closed = True
        self._desk.close()
        if self._beat.running:
            self._beat.stop()

    async def forget(self) -> None:
        """Take the process off the list, as the last of what it writes."""
        if self._reported is not None and not self._database.away_because:
            await self._database.transact(forget_process, self.process)

    async def _look(self) -> None:
        if self._closed or self._database.away_because:
            return
        try:
            await self._follow(await self._database.read(look_at_control, self._service, self.process))
            await self._report()
        except DomainError as error:
            _log.debug("which listeners are stopped is not known: {reason}", reason=repr(error))

    async def _follow(self, wanted: WantedDoors) -> None:
        for door in self._doors:
            if self._closed:
                return
            if not door.is_off:
                await self._follow_at(door, wanted.stopped.get(door.name))
        if wanted.restart:
            _log.info("{service} ends, to be started again", service=self._service)
            self._end()

    async def _follow_at(self, door: OpenDoor, stopped: Stopped | None) -> None:
        if stopped is not None and door.why_held is None:
            await self._stop(door, stopped)
            return
        if stopped is not None and door.name not in self._held:
            self._held.add(door.name)
            _log.warn("{door} is to be stopped, but {reason}", door=door.name, reason=door.why_held)
        if not door.is_open:
            await self._start(door)

    async def _stop(self, door: OpenDoor, stopped: Stopped) -> None:
        was_open = door.name not in self._stopped
        self._stopped[door.name] = stopped
        if was_open:
            await door.refuse(DRAIN)
            _log.info("{door} is {stopped}", door=door.name, stopped=str(stopped))

    async def _start(self, door: OpenDoor) -> None:
        was_stopped = self._stopped.pop(door.name, None) is not None
        if door.why_held is not None:
            door.open()
            return
        try:
            await door.open_again()
        except OSError as error:
            _log.error("{door} cannot be opened again: {reason}", door=door.name, reason=str(error))
        else:
            if was_stopped:
                _log.info("{door} is started again", door=door.name)

    async def _report(self) -> None:
        report = ProcessReport(
            self.process,
            self._service,
            socket.gethostname(),
            os.getpid(),
            self._supervised,
            {door.name: DoorReport(self._state_of(door), door.why_held) for door in self._doors},
            self.has_manhole,
        )
        if self._reported is None:
            await forget_dead(self._database, self._service, report.host)
        now = self._reactor.seconds()
        if report != self._reported or now - self._reported_at >= REPORT_INTERVAL.total_seconds() * 0.9:
            await self._database.transact(report_process, report)
            self._reported, self._reported_at = report, now

    def _state_of(self, door: OpenDoor) -> str:
        if door.is_off:
            return OFF
        if door.name in self._stopped:
            return STOPPED
        return OPEN if door.is_open else CLOSED
