"""A door: a protocol's name, its endpoints, and the factory that serves its clients; and the door while it is open."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from twisted.internet.defer import gatherResults, maybeDeferred
from twisted.internet.protocol import Factory
from twisted.python.failure import Failure

from shared.runtime.sockets import Sockets, adopt, refuse_clients, take_clients, why_held


@dataclass(frozen=True, slots=True)
class Door:
    """A door that a service opens.

    `endpoints` is the setting `{name}_endpoints`, whose sockets were bound before the service was built.
    A factory with `async shut_down(grace: timedelta)` is asked to let its clients finish when the process ends, one
    with `drain(grace: timedelta)` when the door alone is closed.
    """

    name: str
    endpoints: Sequence[str]
    factory: Factory[Any]


class OpenDoor:
    """A door on its bound sockets, which can be closed and opened again without giving them up.

    Workers share the sockets: what one of them closes the kernel refuses for all, and each of them sees it.
    """

    def __init__(self, reactor: Any, door: Door, sockets: Sockets, shared: bool) -> None:
        """With `shared`, other workers accept on the same sockets. Raises ValueError for a door without its setting."""
        self._reactor = reactor
        self._door = door
        self._bound = sockets.of(door.name)
        self._shared = shared
        self._ports: list[Any] = []
        self.name = door.name
        self.lost: Callable[[], None] = lambda: None  # called when another process has closed the door
        if len(self._bound) != len(door.endpoints):
            raise ValueError(f"the door {door.name!r} must take its endpoints from a setting {door.name}_endpoints")
        factory: Any = door.factory
        factory.noisy = False

    @property
    def factory(self) -> Any:
        """That serves its clients."""
        return self._door.factory

    @property
    def is_off(self) -> bool:
        """Whether the settings give it no endpoint."""
        return not self._bound

    @property
    def is_open(self) -> bool:
        """Whether this process accepts on all its sockets."""
        return len(self._ports) == len(self._bound)

    @property
    def listening(self) -> Sequence[Any]:
        """The sockets that this process accepts on."""
        return [port.socket for port in self._ports]

    @property
    def why_held(self) -> str | None:
        """The reason why it cannot be closed while the process goes on, if there is one."""
        reasons = map(why_held, self._door.endpoints, self._bound)
        return next((reason for reason in reasons if reason is not None), None)

    def open(self) -> None:
        """Accept on every socket."""
        for endpoint, bound in zip(self._door.endpoints, self._bound, strict=True):
            port = adopt(self._reactor, endpoint, bound, self._door.factory)
            if self._shared:
                port.numberAccepts = 1  # Twisted would take 100 at once, and leave the other workers idle
            self._see_loss_of(port)
            self._ports.append(port)

    async def open_again(self) -> None:
        """Accept after `refuse`, of this process or another. Raises OSError."""
        await self.close()
        for bound in self._bound:
            take_clients(bound)
        self.open()

    async def close(self) -> None:
        """Accept no more in this process; clients wait for the others, or for the sockets to be closed."""
        ports, self._ports = self._ports, []
        await gatherResults([maybeDeferred(port.stopListening) for port in ports], consumeErrors=True)

    async def refuse(self, grace: timedelta) -> None:
        """Have clients refused from now on; those that are here have `grace` to finish what they are at."""
        await self.close()
        for bound in self._bound:
            refuse_clients(bound)
        drain = getattr(self._door.factory, "drain", None)
        if drain is not None:
            drain(grace)

    def _see_loss_of(self, port: Any) -> None:
        """The reactor drops a port whose socket another process has taken out of listening."""
        connection_lost = port.connectionLost

        def lost(reason: Failure) -> Any:
            done = connection_lost(reason)
            if port in self._ports:
                self._ports.remove(port)
                self.lost()
            return done

        port.connectionLost = lost
