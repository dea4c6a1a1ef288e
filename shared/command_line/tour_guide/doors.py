"""The doors that the tour visits, and the account it signs in with."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass

from shared.administration.readiness import Where
from shared.command_line.tour_guide.station import NotAsPromised
from shared.doors import find_door

TIMEOUT_SECONDS = 20


@dataclass(frozen=True, slots=True)
class Visitor:
    """An account the tour may use; it receives a few messages, and posts to `room` if there is one."""

    name: str
    password: str
    address: str
    room: str | None = None


@dataclass(frozen=True, slots=True)
class Doors:
    """Every door's host and port by its name. TLS is verified, against `tls`'s authorities only."""

    places: Mapping[str, Where]
    tls: ssl.SSLContext

    def __getitem__(self, door: str) -> Where:
        """Raises NotAsPromised for a door that has no TCP port."""
        if door not in self.places:
            raise NotAsPromised(f"the door {find_door(door).title} is not on a TCP port of this stack")
        return self.places[door]
