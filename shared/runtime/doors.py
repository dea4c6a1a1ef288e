"""A door: a protocol's name, its endpoints, and the factory that serves its clients."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from twisted.internet.protocol import Factory

from shared.runtime.sockets import Sockets, adopt


@dataclass(frozen=True, slots=True)
class Door:
    """A door that a service opens.

    `endpoints` is the setting `{name}_endpoints`, whose sockets were bound before the service was built.
    A factory with `async shut_down(grace: timedelta)` is asked to let its clients finish when the process ends.
    """

    name: str
    endpoints: Sequence[str]
    factory: Factory[Any]


def open_door(reactor: Any, door: Door, sockets: Sockets, shared: bool) -> Sequence[Any]:
    """Start to accept on every socket of `door`; returns the listening ports.

    With `shared`, other workers accept on the same sockets. Raises ValueError for a door without its setting.
    """
    bound = sockets.of(door.name)
    if len(bound) != len(door.endpoints):
        raise ValueError(f"the door {door.name!r} must take its endpoints from a setting {door.name}_endpoints")
    factory: Any = door.factory
    factory.noisy = False
    ports = [adopt(reactor, endpoint, each, factory) for endpoint, each in zip(door.endpoints, bound, strict=True)]
    if shared:
        for port in ports:
            port.numberAccepts = 1  # Twisted would take 100 at once, and leave the other workers idle
    return ports
