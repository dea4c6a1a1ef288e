"""One process that serves: its parts and doors from opening to closing, and the answers of its health port."""

from __future__ import annotations

import gc
import inspect
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any, Generic, Protocol

from twisted.internet.defer import Deferred, gatherResults
from twisted.internet.task import LoopingCall, deferLater
from twisted.logger import Logger

from shared.runtime.development_authority import ensure_certificate
from shared.runtime.doors import Door, OpenDoor
from shared.runtime.health import Condition, State, health_site
from shared.runtime.heartbeat import Heartbeat
from shared.runtime.metrics import exposition
from shared.runtime.parts import (
    Parts,
    asks_while_hung,
    count_conversations,
    open_control,
    open_manhole,
    open_parts,
)
from shared.runtime.settings import Settings
from shared.runtime.sockets import Sockets
from shared.runtime.spawn import spawn

_log = Logger()
LONGEST_CHECK_SECONDS = 2.0  # probes commonly give up after a few seconds
CLOSING_SECONDS = 0.5  # for each of the doors after their grace, the service, the database and the bus
OpenDoors = Callable[[Parts[Settings]], Sequence[Door] | Awaitable[Sequence[Door]]]


class DoorControl(Protocol):
    """Opens the doors, and closes those that an administrator has stopped."""

    async def begin(self) -> None:
        """Open the doors."""

    def close(self) -> None:
        """The process ends."""

    def troubles(self) -> Iterator[str]:
        """Every door that does not accept, and why."""


class Serving(Generic[Settings]):
    """Opens the doors of a service on bound sockets, and closes them in order."""

    def __init__(
        self, reactor: Any, name: str, settings: Settings, sockets: Sockets, shared: bool, end: Callable[[], None]
    ) -> None:
        """`name` is that of the service; `shared`: with other workers. `end` ends the process, or all workers."""
        self._name = name
        self._end = end
        self._reactor = reactor
        self._settings = settings
        self._sockets = sockets
        self._shared = shared
        self._parts: Parts[Settings] | None = None
        self._doors: Sequence[Door] = ()
        self._listening: Sequence[OpenDoor] = ()
        self._health: OpenDoor | None = None
        self._control: DoorControl | None = None
        self._is_open = False
        self._leaving = False
        self._heartbeat = Heartbeat(reactor, lambda: [] if self._health is None else self._health.listening)

    async def open(self, open_doors: OpenDoors[Settings]) -> None:
        """Returns when every door accepts that is not stopped. Neither PostgreSQL nor Redis needs to be there."""
        self._parts = parts = open_parts(self._reactor, self._settings)
        health = Door("health", self._settings.health_endpoints, health_site(self))
        health_sockets = self._sockets.of("health")
        if len(health_sockets) != len(health.endpoints):  # a worker has one of its own, which its parent asks
            health = Door("health", ["tcp:0"] * len(health_sockets), health.factory)
        self._health = OpenDoor(self._reactor, health, self._sockets, shared=False)
        self._health.open()
        self._heartbeat.begin()
        opened = open_doors(parts)
        self._doors = await opened if inspect.isawaitable(opened) else opened
        _refuse_unopened(self._sockets, self._doors)
        self._listening = [OpenDoor(self._reactor, door, self._sockets, self._shared) for door in self._doors]
        control = open_control(parts, self._name, self._listening, self._end)
        self._control = control
        self._heartbeat.is_to_end = asks_while_hung(control, self._settings)
        await control.begin()
        self._is_open = True
        if self._settings.manhole:
            open_manhole(parts, control, self._names_at_hand(parts), self._heartbeat)
        count_conversations(parts.metrics, self._factories())
        if self._settings.certificate_file is None:
            self._keep_certificate_young()
        gc.collect()
        gc.freeze()  # objects made so far live as long as the process: later collections need not look at them

    async def close(self) -> None:
        """Stop accepting, let conversations finish within the grace, then let go of database and bus."""
        self._leaving = True
        if self._control is not None:
            self._control.close()
        for open_door in self._listening:
            await open_door.close()
        self._sockets.close()
        grace = self._settings.shutdown_grace
        await gatherResults([_shut_down(self._reactor, factory, grace) for factory in self._factories()])
        if self._parts is not None:
            for call in self._parts.before_closing:
                await _within(self._reactor, CLOSING_SECONDS, call(), "the service")
            await _within(self._reactor, CLOSING_SECONDS, self._parts.database.close(), "the database")
            await _within(self._reactor, CLOSING_SECONDS, self._parts.bus.close(), "the bus")
        self._heartbeat.close()
        if self._health is not None:
            await self._health.close()

    async def conditions(self) -> Mapping[str, Condition]:
        """For /readyz."""
        if self._parts is None:
            return {"doors": self._of_doors()}
        return {"doors": self._of_doors(), "store": await self._store(self._parts), "bus": self._bus(self._parts)}

    async def metrics(self) -> bytes:
        """For /metrics."""
        assert self._parts is not None
        return exposition(self._parts.metrics)

    def _names_at_hand(self, parts: Parts[Settings]) -> Mapping[str, Any]:
        """What the manhole shows."""
        return {
            "parts": parts,
            "settings": parts.settings,
            "database": parts.database,
            "bus": parts.bus,
            "doors": {door.name: door for door in self._doors},
            "sessions": {door.name: _conversations_of(door) for door in self._doors},
            "site": parts.manhole_names.get("site"),
        }

    def _keep_certificate_young(self) -> None:
        """A process may live longer than a certificate of the development authority."""
        looking = LoopingCall(ensure_certificate, self._settings.certificate_directory, self._settings.hostname)
        looking.clock = self._reactor
        # A failure ends these checks. The certificate is good for RENEWAL_BEFORE_END more, and the next start checks
        # again.
        looking.start(timedelta(days=1).total_seconds(), now=False).addErrback(
            lambda failure: _log.failure("renewing the development certificate failed", failure)
        )

    def _factories(self) -> Collection[Any]:
        """Each once: two doors, with and without implicit TLS, may share one."""
        return {id(door.factory): door.factory for door in self._doors}.values()

    def _of_doors(self) -> Condition:
        if self._leaving or self._control is None or not self._is_open:
            return Condition(State.AWAY, "leaving" if self._leaving else "opening")
        troubles = "; ".join(self._control.troubles())
        return Condition(State.DEGRADED, troubles) if troubles else Condition(State.OK)

    async def _store(self, parts: Parts[Settings]) -> Condition:
        told: Deferred[str | None] = Deferred()
        spawn(parts.database.health(), "asking the store").addBoth(told.callback)  # it may end after we gave up
        told.addTimeout(LONGEST_CHECK_SECONDS, self._reactor, lambda *_: f"no answer in {LONGEST_CHECK_SECONDS:g} s")
        reason = await told
        if reason:
            return Condition(State.AWAY, " ".join(reason.split()))
        shortage = parts.database.free_space.shortage
        return Condition(State.DEGRADED, shortage) if shortage else Condition(State.OK)

    def _bus(self, parts: Parts[Settings]) -> Condition:
        reason = parts.bus.health()
        return Condition(State.DEGRADED, " ".join(reason.split())) if reason else Condition(State.OK)


def _conversations_of(door: Door) -> Collection[Any]:
    """Those that are under way, now and later."""
    conversations = getattr(door.factory, "conversations", None)
    return () if conversations is None else conversations()


def _refuse_unopened(sockets: Sockets, doors: Sequence[Door]) -> None:
    """A port that is bound and never accepts would keep clients waiting for good."""
    opened = {"health", *(door.name for door in doors)}
    for name, bound in sockets.doors():
        if bound and name not in opened:
            raise ValueError(f"the setting {name}_endpoints has no door")


def _shut_down(reactor: Any, factory: Any, grace: timedelta) -> Deferred[None]:
    shut_down = getattr(factory, "shut_down", None)
    if shut_down is None:
        return deferLater(reactor, 0)
    return Deferred.fromCoroutine(_within(reactor, grace.total_seconds() + CLOSING_SECONDS, shut_down(grace), "a door"))


async def _within(reactor: Any, seconds: float, work: Awaitable[None], whose: str) -> None:
    """Wait for the end of `work`, but not longer; its failure is logged and goes no further."""

    async def end() -> None:
        await work

    try:
        await Deferred.fromCoroutine(end()).addTimeout(seconds, reactor)
    except Exception:
        _log.failure("{whose} did not close in order", whose=whose)
