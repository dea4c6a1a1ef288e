"""One process that serves: its parts and doors from opening to closing, and the answers of its health port."""

from __future__ import annotations

import gc
import inspect
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import timedelta
from typing import Any, Generic

from twisted.internet.defer import Deferred, gatherResults, maybeDeferred
from twisted.internet.task import LoopingCall, deferLater
from twisted.logger import Logger

from shared.runtime.development_authority import ensure_certificate
from shared.runtime.doors import Door, open_door
from shared.runtime.health import Condition, State, health_site
from shared.runtime.metrics import exposition
from shared.runtime.parts import Parts, count_conversations, open_parts
from shared.runtime.settings import Settings
from shared.runtime.sockets import Sockets
from shared.runtime.spawn import spawn

_log = Logger()
LONGEST_CHECK_SECONDS = 2.0  # probes commonly give up after a few seconds
CLOSING_SECONDS = 0.5  # for each of the doors after their grace, the service, the database and the bus
OpenDoors = Callable[[Parts[Settings]], Sequence[Door] | Awaitable[Sequence[Door]]]


class Serving(Generic[Settings]):
    """Opens the doors of a service on bound sockets, and closes them in order."""

    def __init__(self, reactor: Any, settings: Settings, sockets: Sockets, shared: bool) -> None:
        self._reactor = reactor
        self._settings = settings
        self._sockets = sockets
        self._shared = shared
        self._parts: Parts[Settings] | None = None
        self._doors: Sequence[Door] = ()
        self._ports: list[Any] = []
        self._health_ports: Sequence[Any] = ()
        self._leaving = False

    async def open(self, open_doors: OpenDoors[Settings]) -> None:
        """Returns when every door accepts. Neither PostgreSQL nor Redis needs to be there."""
        self._parts = parts = open_parts(self._reactor, self._settings)
        health = Door("health", self._settings.health_endpoints, health_site(self))
        health_sockets = self._sockets.of("health")
        if len(health_sockets) != len(health.endpoints):  # a worker has one of its own, which its parent asks
            health = Door("health", ["tcp:0"] * len(health_sockets), health.factory)
        self._health_ports = open_door(self._reactor, health, self._sockets, shared=False)
        opened = open_doors(parts)
        self._doors = await opened if inspect.isawaitable(opened) else opened
        _refuse_unopened(self._sockets, self._doors)
        for door in self._doors:
            self._ports += open_door(self._reactor, door, self._sockets, self._shared)
        count_conversations(parts.metrics, self._factories())
        if self._settings.certificate_file is None:
            self._keep_certificate_young()
        gc.collect()
        gc.freeze()  # objects made so far live as long as the process: later collections need not look at them

    async def close(self) -> None:
        """Stop accepting, let conversations finish within the grace, then let go of database and bus."""
        self._leaving = True
        await gatherResults([maybeDeferred(port.stopListening) for port in self._ports], consumeErrors=True)
        self._sockets.close()
        grace = self._settings.shutdown_grace
        await gatherResults([_shut_down(self._reactor, factory, grace) for factory in self._factories()])
        if self._parts is not None:
            for call in self._parts.before_closing:
                await _within(self._reactor, CLOSING_SECONDS, call(), "the service")
            await _within(self._reactor, CLOSING_SECONDS, self._parts.database.close(), "the database")
            await _within(self._reactor, CLOSING_SECONDS, self._parts.bus.close(), "the bus")
        await gatherResults([maybeDeferred(port.stopListening) for port in self._health_ports], consumeErrors=True)

    async def conditions(self) -> Mapping[str, Condition]:
        """For /readyz."""
        doors = Condition(State.OK) if self._ports and not self._leaving else Condition(State.AWAY, self._phase())
        if self._parts is None:
            return {"doors": doors}
        return {"doors": doors, "store": await self._store(self._parts), "bus": self._bus(self._parts)}

    async def metrics(self) -> bytes:
        """For /metrics."""
        assert self._parts is not None
        return exposition(self._parts.metrics)

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

    def _phase(self) -> str:
        return "leaving" if self._leaving else "opening"

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
