"""Hosts and ports as settings write them, and routes: `host:port`, `domain=host:port`."""

from __future__ import annotations

import re
from typing import NamedTuple

from shared.errors import DomainError
from shared.mail.address import domain_name
from shared.reach.errors import HostUnusable
from shared.reach.host_names import canonical_host

_PLACE = re.compile(r"(\[[^\]]+\]|[^:\[\]]+)(?::([0-9]{1,5}))?")


class BadPlace(ValueError):
    """Neither a host nor `host:port`; or no route."""


class ServerPlace(NamedTuple):
    """Where a mail server listens."""

    host: str  # in canonical spelling
    port: int


def read_place(text: str, port: int) -> ServerPlace:
    """`host`, `host:port`, `[address]` or `[address]:port`; `port` where there is none. Raises BadPlace."""
    match = _PLACE.fullmatch(text)
    if match is None:
        raise BadPlace(text)
    try:
        host = canonical_host(match[1])
    except HostUnusable as error:
        raise BadPlace(text) from error
    number = int(match[2]) if match[2] else port
    if not 0 < number < 65536:
        raise BadPlace(text)
    return ServerPlace(host, number)


def read_route(text: str, port: int) -> tuple[str, ServerPlace]:
    """`domain=host:port`: the domain in A-labels, with a dot in front if that is for those below. Raises BadPlace."""
    domain, equals, place = text.partition("=")
    below = domain.startswith(".")
    if not equals:
        raise BadPlace(text)
    try:
        name = domain_name(domain[1:] if below else domain)
    except DomainError as error:
        raise BadPlace(text) from error
    return ("." if below else "") + name, read_place(place, port)
