"""A listener: a door of a service as it is stopped and started, `mail_access/imap`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from shared.control.errors import ListenerNotFound
from shared.doors import DOORS, SERVICES

OTHER_NAMES: Mapping[str, str] = {"http": "web", "https": "web_tls"}


class Listener(NamedTuple):
    """`name` is that of its door."""

    service: str
    name: str

    def __str__(self) -> str:
        return f"{self.service}/{self.name}"


LISTENERS = tuple(Listener(door.service, door.name) for door in DOORS)
# By at least one of them an administrator starts the others. They are in every stack.
WAYS_IN = frozenset({Listener("wiki", "web"), Listener("ssh_admin", "ssh")})


class Stopped(NamedTuple):
    """Since when a listener is stopped, and by whom."""

    by: str
    since: datetime

    def __str__(self) -> str:
        return f"stopped by {self.by} since {self.since:%Y-%m-%d %H:%M:%S} UTC"


def parse_listeners(text: str) -> Sequence[Listener]:
    """`SERVICE/LISTENER`, or `SERVICE` for all that it has. Raises ListenerNotFound."""
    service, slash, name = text.partition("/")
    wanted = OTHER_NAMES.get(name, name)
    found = [each for each in LISTENERS if each.service == service and (not slash or each.name == wanted)]
    if not found:
        raise ListenerNotFound(text)
    return found


def check_service(name: str) -> str:
    """`name`, if a service is called that. Raises ListenerNotFound."""
    if name not in SERVICES:
        raise ListenerNotFound(name)
    return name
